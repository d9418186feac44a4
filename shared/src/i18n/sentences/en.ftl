# One line for each sentence. Placeholders in braces stay as they are; only the words around them change.

help = I play what you start in Music Assistant. Choose this Echo there, or say: Alexa, ask { $name } to play audio. To tell me which player this Echo is, say for example: Alexa, tell { $name } this is the kitchen. What would you like to do?
reprompt = You can say: play audio, or tell me which player this Echo is.
launch-paired = This Echo is ready, but nothing is playing. Start the music in Music Assistant.
nothing-to-play = There is nothing to play. Start the music in Music Assistant.
from-the-beginning = I can't go on in the middle, so this music starts from its beginning.
not-paired = This Echo isn't paired with a player yet. Say for example: Alexa, tell { $name } this is the kitchen.
not-paired-known = This Echo isn't paired with a player yet. Is it { $players }? Say for example: Alexa, tell { $name } this is { $first }.
elsewhere = This Echo is paired with { $player }, but Music Assistant started { $started }. If this is { $started }, say: Alexa, tell { $name } this is { $started }.
pair-ask = Which player is this Echo?
pair-ask-known = Which player is this Echo: { $players }?
pair-ask-again = Sorry, which player is this Echo? Say its name as it stands in Music Assistant.
paired = Done. This Echo now plays the music of { $player }.
pair-unknown = I don't know a player called { $heard }. Play something there in Music Assistant first, then try again.
pair-unknown-known = I don't know a player called { $heard }. Is it { $players }?
pair-several = Several players match. Is it { $players }?
pair-no-players = Music Assistant hasn't sent me anything yet. Play something on this Echo there first, then try again.
not-connected = I can't do that, because I'm not connected to Music Assistant's controls. Please do it in Music Assistant.
no-audio-player = This device can't play music. Please try it on another Echo.
failed-unreachable = The music of { $player } didn't play, because this Echo couldn't reach it. Check the stream address on the setup page.
failed-refused = The music of { $player } didn't play, because its address was refused. Start it again in Music Assistant.
failed-server = The music of { $player } didn't play, because the music server reported an error. Start it again in Music Assistant.
failed-device = The music of { $player } didn't play, because this Echo had a problem. Unplug the Echo for a moment and try again.
failed-unknown = The music of { $player } didn't play, and Amazon gave no reason. Start it again in Music Assistant.
stream-address-missing = I can't play this, because I don't know the address where an Echo can fetch the music. Enter it on the setup page.
stream-address-bad = I can't play this, because an Echo can't reach the address of the music. Correct it on the setup page.
goodbye = Goodbye.
nothing-to-confirm = I didn't ask anything. Say help to hear what I can do.
fallback = Sorry, I didn't understand that. Say for example: Alexa, ask { $name } to play audio.
trouble = Something went wrong. Please try again.
state-unavailable = I can't reach my memory right now. Please try again in a minute.
state-too-new = My memory was written by a newer version of this skill. Please update the skill.
skill-not-set-up = This skill isn't set up yet, because its skill ID is missing. Enter it on the setup page.
untitled-stream = Music on { $player }
now-playing = This is { $music }.
queued = { $music } is now in the queue.
queued-next = { $music } comes next.
nothing-plays = Nothing is playing right now.
chosen = Here is { $music }.
chosen-in = Here is { $music } on { $room }.
suggest = Did you mean { $choices }?
suggest-over = All right.
not-found = I found no music for { $heard }.
room-unknown = I don't know a player called { $heard }.
done = Okay.
sleep-set = The music stops in { $minutes } minutes.
sleep-set-one = The music stops in one minute.
sleep-off = The sleep timer is off.
liked = Added to your favorites.
unliked = Removed from your favorites.
moved = The music moves to { $room }.
duration-unclear = I didn't catch how long. Say for example: stop in 30 minutes.
level-unclear = I can set the volume from 0 to 100 percent.

# How names are listed: "a or b", "a, b or c".
list-next = { $list }, { $item }
list-last = { $list } or { $item }

# How a piece of music and its artist are named.
music-by = { $title } by { $artist }
