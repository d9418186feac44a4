devices-why-sign-in = With your Amazon account this page lists all your Echos and pairs them by itself. It also plays a test sound and sets the volume. Until then it shows the Echos that asked for music.
devices-listed = Your devices
devices-identify-all = Pair all Echos
devices-identify-hint = This server asks each Echo in silence which one it is. It pairs the Echo with the player of its name. That takes up to a quarter of a minute.
devices-refresh = Look for new devices
devices-none = Amazon lists no device that plays music.
devices-others = Echos that asked for music
devices-others-hint = It is not known yet which of your devices these are.
devices-none-asked = No Echo has asked for music yet. Say “Alexa, open music assistant” to one of them.
devices-online = online
devices-offline = offline
devices-not-identified = Not known to the skill yet. Pair it, or say “Alexa, open music assistant” to it.
devices-player = Player in Music Assistant:
devices-player-is-on = on
devices-player-is-off = off
devices-player-turn-on = Switch on
devices-player-turn-off = Switch off
devices-player-of-group = A group starts each of its Echos for itself: they are not in sync.
devices-player-group-name = { $name } (not in sync)
devices-player-turned-on = { $device } is a player in Music Assistant. It comes within five minutes.
devices-player-turned-off = { $device } is no player in Music Assistant any more. It goes within two minutes.
devices-player-failed = Music Assistant could not play here
devices-volume = Volume
devices-volume-set-button = Set
devices-test = Say a sentence
devices-test-sentence = This is a test. If you hear me, this Echo can be controlled.
devices-identify = Pair
devices-asked = Last asked for music
devices-serves-none = Serves no player.
devices-undo = Undo
devices-undo-of = Undo the pairing with { $player }
devices-pair-with = Pair with a player
devices-choose = Choose …
devices-pair = Pair
devices-asleep-hint = The skill is disabled on its account. It comes back as soon as it is enabled again.
echo-asleep = An Echo that sleeps

devices-paired = The Echo serves { $player } now.
devices-unpaired = The pairing with { $player } is undone.
devices-unpaired-before = There was no pairing with { $player } any more.
devices-identified = Paired: { $paired }.
devices-identified-some = Paired: { $paired }. Not paired: { $reasons }
devices-identified-none = None was paired: { $reasons }
devices-not-identified-since = { $names }: { $reason }
devices-not-identified-others =
    { $count ->
        [one] and one more
       *[other] and { $count } more
    }
devices-not-identified-rest =
    { $count ->
        [one] One more is not paired.
       *[other] { $count } more are not paired.
    }
devices-no-echo-to-pair = There is no Echo that could be paired.
devices-tested = Amazon accepted it: { $device } should say a sentence now. If you hear nothing, turn its volume up and try again.
devices-volume-set = The volume of { $device } is { $volume }.
devices-volumes-set = The volumes are { $volume }.
devices-refreshed = Amazon listed its devices just now.

kind-echo = Echo
kind-dot = Echo Dot
kind-show = Echo with a screen
kind-studio = Echo Studio
kind-group = Group
kind-pair = Stereo pair
kind-television = Fire TV
kind-tablet = Another device with Alexa
kind-asked = Known by what it asked
devices-strays = Started, and another Echo asked
devices-stray = { $player } was started { $count } times in a row, and each time only { $echo } asked. It was probably renamed or replaced.
devices-stray-pair = Pair { $player } with this Echo

devices-reach = Streams reach it by { $route } (learned { $ago }).
devices-reach-kin = Not tested yet. { $echo } is of the same kind and gets streams by { $route } (learned { $ago }), so that route is tried first.
devices-reach-none = No stream has reached it yet by { $routes }.
devices-route-playlist = a playlist that names the address at home
devices-route-lan = the door at home
devices-route-door = the door
devices-route-direct = the address of Music Assistant's streams
devices-trial = Test the sound
devices-trial-begun = The test runs: the Echo plays a tone by each route, one after the other.
devices-trial-silent = The Echo was told to ask for the tone and has not yet. Check that the skill is enabled on its account, and that it has its language.
devices-trial-waiting = Waits for the Echo
devices-trial-running = The tones play
devices-trial-done = It plays
devices-trial-forms-done = Each form was played
devices-trial-none = No route worked
devices-trial-never-asked = The Echo never asked
devices-trial-stopped = Stopped
devices-trial-no-report = The Echo did not report on the last tone
devices-trial-report = Text for an issue
devices-tone-untried = not tried
devices-tone-sent = sent to the Echo
devices-tone-fetched = fetched by the Echo
devices-tone-works = works: played for { $seconds } s
devices-tone-failed = does not work, and was not fetched here: { $type }
devices-tone-failed-fetched = does not work, although it was fetched: { $type }
devices-tone-silent = does not work: it ended after { $seconds } s
devices-tone-requests =
    { $count ->
        [one] One request for it came here.
       *[other] { $count } requests for it came here.
    }
devices-trial-cancel = Stop the test
devices-trial-cancelled = No more tones are sent, and what plays stops within a few seconds.
devices-trial-over = No test runs on this Echo.
devices-trial-tell = Tell us what your Echo can do: paste this text into an issue. It has the kind of the Echo, and no name, address or serial number.
devices-forms = Test what else this Echo can do
devices-forms-hint = The Echo plays five seconds of a tone in each form that no stream uses yet. Forms are another port, an IP address, a redirect and lists of pieces. That takes about half a minute, and five minutes at most. Your music stays as it is.
devices-forms-start = Play all forms
devices-forms-begun = The test runs: the Echo plays a tone in each form, one after the other.
devices-form-playlist-http = a playlist that names a public address without TLS
devices-form-port = an address with another port
devices-form-address = an IP address instead of a name
devices-form-redirect = an address that redirects
devices-form-hls-ended = a list of pieces that is complete (HLS)
devices-form-hls-live = a list of pieces that grows (HLS, live)
devices-form-asked-again = The Echo asked again for the list.
devices-form-asked-once = The Echo did not ask again for the list.
devices-left-out = not played
devices-left-out-no-door = The door has no public address yet.
devices-left-out-no-lan-door = The door has no address at home with a certificate.
devices-left-out-no-tone-at-home = The playlist has to name an address at home that serves the tone. Enter the plain address at home as API URL, in the step Music Assistant. Or give the door an address at home.
devices-left-out-music-assistant-only = Behind this address is Music Assistant alone, which has no tone. The first music that is played by this route decides.
devices-left-out-no-other-port = No address of the door has another port than 443.
devices-left-out-no-bare-address = No address of the door is an IP address instead of a name.
devices-left-out-no-public-plain = No public address without TLS serves the tone.
devices-counted = { $paired } of { $all } paired
devices-not-paired = Not paired
devices-player-of = Player
devices-room = Room
devices-now = Now
devices-more = More
devices-identify-again = Pair again
chain = From the start to the sound
chain-sent = Sent
chain-heard = Heard
chain-asked = Asked
chain-answered = Answered
chain-fetched = Fetched
chain-playing = Playing
chain-reached = reached
chain-waits = waiting
chain-not-reached = not reached
chain-unknown = unknown
chain-remedy-sent = Amazon did not take the command. Check the sign-in and that the Echo is online.
chain-remedy-heard = No Echo opened the skill. Check that it is enabled and has the language of the Echo.
chain-remedy-asked = An Echo opened the skill, but it is not paired with this player. Pair it.
chain-remedy-refused = The Echo asked and got no music: two Echos asked, or Alexa refused the answer. Check everything.
chain-remedy-fetched = The Echo did not fetch the sound. Check the public address.
chain-remedy-playing = The Echo fetched the sound and did not play it. See what it reported.
chain-remedy-silent = The Echo did not report that it plays. Check the public address.
