status-health = Is everything all right?
status-all-good = Everything that can be checked is fine.
status-broken = { $count ->
    [one] One thing is broken.
   *[other] { $count } things are broken.
}
status-never-checked = No check has run yet.
status-checked = Checked
status-checked-now = Checked just now.
status-checking = Checking …
status-check-now = Check now
status-checked-good = Checked: everything that can be checked is fine.
status-checked-bad = Checked: something is broken. It is shown here with its cure.
status-cure = What helps:
status-link-ok = fine
status-link-unknown = cannot be told from here
status-link-broken = broken
status-playing = What plays where
status-nothing-played = Music Assistant has not played anything yet. Choose one of your Echos there as the player and start some music.
status-on-echo = On { $echo }
status-on-no-echo = No Echo serves this player yet.
status-tokens = Sign-ins at Amazon
status-happened = Activity
status-nothing-happened = Nothing yet.

state-idle = waiting for an Echo
state-requested = starting
state-playing = playing
state-stopped = stopped
state-finished = finished
state-failed = failed

failed-invalid-request = The Echo was refused the stream. Check that STREAM_BASE_URL leads to Music Assistant’s stream server, that no login stands before it, and that the music was started within the last hours.
failed-service-unavailable = The Echo did not reach the stream. Check that STREAM_BASE_URL can be opened from outside your home, with a certificate that is valid.
failed-internal-server-error = The Echo reached the stream server, which answered with an error. Look into Music Assistant’s log, and into that of what stands before it.
failed-internal-device-error = The Echo itself failed. Start the music again; if that does not help, unplug the Echo for a minute.
failed-unknown = The Echo gave no reason. Most often the stream broke off or is in a format that it cannot play: look into Music Assistant’s log, and start the music again.
failed-other = The Echo could not play the stream, for a reason that is new here ({ $type }). Start the music again, and look into Music Assistant’s log.

token-amazon = Amazon account of the Echos
token-developer = Amazon developer account
token-signed-in = signed in
token-signed-in-as = signed in as { $name }
token-not-signed-in = not signed in
token-ended = ended by Amazon { $at } ({ $reason })
token-unreadable = cannot be read at the moment
token-renewed = Last renewed
token-sign-in = Sign in

happened-started = Music Assistant started something on { $player }.
happened-started-title = Music Assistant started “{ $title }” on { $player }.
happened-paired = { $echo } plays for { $player } now: { $how }.
happened-moved = The music of { $player } was moved: { $echo } plays it now.
happened-unpaired = The pairing of { $echo } was undone.
happened-withdrawn = The pairing of { $echo } with { $player } was withdrawn, since two Echos asked for the same music.
happened-not-paired = { $echo } asked for music and serves no player.
happened-nothing-to-play = { $echo } asked for music, and { $player } had nothing to play.
happened-elsewhere = { $echo } is paired with { $player } and asked for music that Music Assistant started on { $started }.
happened-elsewhere-unpaired = { $echo } is not paired and asked for music that Music Assistant started on { $started }.
happened-renamed = The Echo { $before } is called { $player } now; its pairing followed.
happened-answer-refused = Alexa refused an answer ({ $error }).
happened-skill-enabled = The skill was enabled.
happened-skill-disabled = The skill was disabled.
happened-signed-in = The Amazon account was signed in.
happened-signed-out = The Amazon account was signed out.
happened-session-ended = Amazon ended the sign-in ({ $reason }). You have to sign in again.
happened-music-assistant-connected = Music Assistant's API was connected.
happened-music-assistant-disconnected = Music Assistant's API was disconnected.
happened-playing = { $player } plays.
happened-stopped = { $player } was stopped.
happened-finished = { $player } played to the end.
happened-failed = { $player } could not play ({ $error }).
happened-asked = { $echo } asked for music.
