status-health = Ist alles in Ordnung?
status-all-good = Alles, was sich prüfen lässt, ist in Ordnung.
status-broken = { $count ->
    [one] Eine Sache ist kaputt.
   *[other] { $count } Sachen sind kaputt.
}
status-never-checked = Noch keine Prüfung ist gelaufen.
status-checked = Geprüft
status-checked-now = Gerade eben geprüft.
status-checking = Wird geprüft …
status-check-now = Jetzt prüfen
status-checked-good = Geprüft: Alles, was sich prüfen lässt, ist in Ordnung.
status-checked-bad = Geprüft: Etwas ist kaputt. Es steht hier, und was dagegen hilft.
status-cure = Das hilft:
status-link-ok = in Ordnung
status-link-unknown = von hier aus nicht feststellbar
status-link-broken = kaputt
status-playing = Was wo läuft
status-nothing-played = Music Assistant hat noch nichts gespielt. Wähle dort eines deiner Echos als Player und starte Musik.
status-on-echo = Auf { $echo }
status-on-no-echo = Noch bedient kein Echo diesen Player.
status-tokens = Anmeldungen bei Amazon
status-happened = Was zuletzt geschah
status-nothing-happened = Noch nichts.

state-idle = wartet auf ein Echo
state-requested = startet
state-playing = läuft
state-stopped = angehalten
state-finished = zu Ende
state-failed = fehlgeschlagen

failed-invalid-request = Dem Echo wurde der Stream verweigert. Prüfe, ob STREAM_BASE_URL zum Stream-Server von Music Assistant führt, ob keine Anmeldung davor steht und ob die Musik in den letzten Stunden gestartet wurde.
failed-service-unavailable = Das Echo hat den Stream nicht erreicht. Prüfe, ob sich STREAM_BASE_URL von außerhalb deines Zuhauses öffnen lässt, mit einem gültigen Zertifikat.
failed-internal-server-error = Das Echo hat den Stream-Server erreicht, und der antwortete mit einem Fehler. Sieh im Protokoll von Music Assistant nach und in dem, was davor steht.
failed-internal-device-error = Das Echo selbst hatte einen Fehler. Starte die Musik noch einmal; hilft das nicht, zieh für eine Minute den Stecker des Echos.
failed-unknown = Das Echo nannte keinen Grund. Meist brach der Stream ab oder hat ein Format, das es nicht abspielt: Sieh im Protokoll von Music Assistant nach und starte die Musik noch einmal.
failed-other = Das Echo konnte den Stream nicht abspielen, aus einem Grund, der hier neu ist ({ $type }). Starte die Musik noch einmal und sieh im Protokoll von Music Assistant nach.

token-amazon = Amazon-Konto der Echos
token-developer = Amazon-Entwicklerkonto
token-signed-in = angemeldet
token-signed-in-as = angemeldet als { $name }
token-not-signed-in = nicht angemeldet
token-ended = { $at } von Amazon beendet ({ $reason })
token-unreadable = gerade nicht lesbar
token-renewed = Zuletzt erneuert
token-sign-in = Anmelden

happened-started = Music Assistant hat auf { $player } etwas gestartet.
happened-started-title = Music Assistant hat auf { $player } „{ $title }“ gestartet.
happened-paired = { $echo } bedient { $player }: { $how }.
happened-moved = Die Musik von { $player } ist umgezogen: { $echo } spielt sie jetzt.
happened-unpaired = Die Zuordnung von { $echo } wurde aufgehoben.
happened-withdrawn = Die Zuordnung von { $echo } zu { $player } wurde zurückgenommen, weil zwei Echos nach derselben Musik fragten.
happened-not-paired = { $echo } fragte nach Musik und bedient keinen Player.
happened-nothing-to-play = { $echo } fragte nach Musik, und { $player } hatte nichts zu spielen.
happened-elsewhere = { $echo } ist mit { $player } verbunden und fragte nach Musik, die Music Assistant auf { $started } gestartet hat.
happened-elsewhere-unpaired = { $echo } ist nicht verbunden und fragte nach Musik, die Music Assistant auf { $started } gestartet hat.
happened-renamed = Der Echo { $before } heißt jetzt { $player }; seine Zuordnung ist gefolgt.
happened-answer-refused = Alexa hat eine Antwort abgelehnt ({ $error }).
happened-skill-enabled = Der Skill wurde aktiviert.
happened-skill-disabled = Der Skill wurde deaktiviert.
happened-signed-in = Jemand hat sich beim Amazon-Konto angemeldet.
happened-signed-out = Jemand hat sich vom Amazon-Konto abgemeldet.
happened-session-ended = Amazon hat die Anmeldung beendet ({ $reason }). Jemand muss sich neu anmelden.
happened-music-assistant-connected = Die API von Music Assistant wurde verbunden.
happened-music-assistant-disconnected = Die API von Music Assistant wurde getrennt.
happened-playing = { $player } läuft.
happened-stopped = { $player } wurde angehalten.
happened-finished = { $player } hat zu Ende gespielt.
happened-failed = { $player } konnte nicht spielen ({ $error }).
happened-asked = { $echo } fragte nach Musik.
