devices-why-sign-in = Mit deinem Amazon-Konto zeigt diese Seite alle deine Echos und ordnet sie von selbst zu. Sie spielt auch einen Ton und stellt die Lautstärke. Bis dahin zeigt sie die Echos, die nach Musik gefragt haben.
devices-listed = Deine Geräte
devices-identify-all = Alle Echos zuordnen
devices-identify-hint = Dieser Server fragt jeden Echo unhörbar, welcher er ist. Er ordnet ihn dem Player mit seinem Namen zu. Das dauert bis zu einer Viertelminute.
devices-refresh = Neue Geräte suchen
devices-none = Amazon nennt kein Gerät, das Musik spielt.
devices-others = Echos, die nach Musik gefragt haben
devices-others-hint = Noch ist nicht bekannt, welche deiner Geräte das sind.
devices-none-asked = Noch hat kein Echo nach Musik gefragt. Sag zu einem „Alexa, öffne music assistant“.
devices-online = online
devices-offline = offline
devices-not-identified = Dem Skill noch nicht bekannt. Ordne ihn zu, oder sag zu ihm „Alexa, öffne music assistant“.
devices-player = Player in Music Assistant:
devices-player-is-on = an
devices-player-is-off = aus
devices-player-turn-on = Einschalten
devices-player-turn-off = Ausschalten
devices-player-of-group = Eine Gruppe startet jeden ihrer Echos für sich: Sie sind nicht synchron.
devices-player-group-name = { $name } (nicht synchron)
devices-player-turned-on = { $device } ist ein Player in Music Assistant. Er kommt innerhalb von fünf Minuten.
devices-player-turned-off = { $device } ist kein Player in Music Assistant mehr. Er verschwindet innerhalb von zwei Minuten.
devices-player-failed = Music Assistant konnte hier nicht spielen
devices-volume = Lautstärke
devices-volume-set-button = Einstellen
devices-test = Satz sprechen
devices-test-sentence = Das ist ein Test. Wenn du mich hörst, lässt sich dieser Echo steuern.
devices-identify = Zuordnen
devices-asked = Zuletzt nach Musik gefragt
devices-serves-none = Keinem Player zugeordnet.
devices-undo = Aufheben
devices-undo-of = Zuordnung zu { $player } aufheben
devices-pair-with = Einem Player zuordnen
devices-choose = Wählen …
devices-pair = Zuordnen
devices-asleep-hint = Der Skill ist in seinem Konto deaktiviert. Der Echo kommt zurück, sobald der Skill wieder aktiviert ist.
echo-asleep = Ein Echo, der schläft

devices-paired = Der Echo ist jetzt { $player } zugeordnet.
devices-unpaired = Die Zuordnung zu { $player } ist aufgehoben.
devices-unpaired-before = Eine Zuordnung zu { $player } gab es nicht mehr.
devices-identified = Zugeordnet: { $paired }.
devices-identified-some = Zugeordnet: { $paired }. Nicht zugeordnet: { $reasons }
devices-identified-none = Kein Echo ist zugeordnet: { $reasons }
devices-not-identified-since = { $names }: { $reason }
devices-not-identified-others =
    { $count ->
        [one] und ein weiterer
       *[other] und { $count } weitere
    }
devices-not-identified-rest =
    { $count ->
        [one] Ein weiterer ist nicht zugeordnet.
       *[other] { $count } weitere sind nicht zugeordnet.
    }
devices-no-echo-to-pair = Es gibt keinen Echo, der sich zuordnen lässt.
devices-tested = Amazon hat es angenommen: { $device } sollte jetzt einen Satz sagen. Hörst du nichts, erhöhe die Lautstärke und versuche es noch einmal.
devices-volume-set = Die Lautstärke von { $device } ist { $volume }.
devices-volumes-set = Die Lautstärken sind { $volume }.
devices-refreshed = Amazon hat seine Geräte eben genannt.

kind-echo = Echo
kind-dot = Echo Dot
kind-show = Echo mit Bildschirm
kind-studio = Echo Studio
kind-group = Gruppe
kind-pair = Stereopaar
kind-television = Fire TV
kind-tablet = Ein anderes Gerät mit Alexa
kind-asked = Bekannt durch seine Anfrage
devices-strays = Gestartet, und ein anderer Echo fragte
devices-stray = { $player } wurde { $count }-mal hintereinander gestartet, und jedes Mal fragte nur { $echo }. Wahrscheinlich wurde der Echo umbenannt oder ersetzt.
devices-stray-pair = { $player } diesem Echo zuordnen

devices-reach = Streams erreichen ihn über { $route } (gelernt { $ago }).
devices-reach-kin = Noch nicht getestet. { $echo } ist von derselben Art und bekommt Streams über { $route } (gelernt { $ago }), deshalb kommt dieser Weg zuerst dran.
devices-reach-none = Noch kein Stream hat ihn erreicht über { $routes }.
devices-route-playlist = eine Playlist mit der Adresse zu Hause
devices-route-lan = die Tür zu Hause
devices-route-door = die Tür
devices-route-direct = die Adresse der Streams von Music Assistant
devices-trial = Ton testen
devices-trial-begun = Der Test läuft: Der Echo spielt einen Ton auf jedem Weg, einen nach dem anderen.
devices-trial-silent = Der Echo sollte nach dem Ton fragen und hat es noch nicht getan. Prüfe, ob der Skill in seinem Konto aktiviert ist und seine Sprache hat.
devices-trial-waiting = Wartet auf den Echo
devices-trial-running = Die Töne spielen
devices-trial-done = Er spielt
devices-trial-forms-done = Jede Form wurde gespielt
devices-trial-none = Kein Weg hat funktioniert
devices-trial-never-asked = Der Echo hat nie gefragt
devices-trial-stopped = Abgebrochen
devices-trial-no-report = Der Echo hat den letzten Ton nicht gemeldet
devices-trial-report = Text für ein Issue
devices-tone-untried = nicht versucht
devices-tone-sent = dem Echo geschickt
devices-tone-fetched = vom Echo geholt
devices-tone-works = funktioniert: { $seconds } s gespielt
devices-tone-failed = funktioniert nicht und wurde hier nicht geholt: { $type }
devices-tone-failed-fetched = funktioniert nicht, obwohl er geholt wurde: { $type }
devices-tone-silent = funktioniert nicht: Er endete nach { $seconds } s
devices-tone-requests =
    { $count ->
        [one] Eine Anfrage danach kam hier an.
       *[other] { $count } Anfragen danach kamen hier an.
    }
devices-trial-cancel = Test abbrechen
devices-trial-cancelled = Es wird kein Ton mehr geschickt, und was spielt, endet in wenigen Sekunden.
devices-trial-over = Auf diesem Echo läuft kein Test.
devices-trial-tell = Sag uns, was dein Echo kann: Füge diesen Text in ein Issue ein. Er nennt die Art des Echos, aber keinen Namen, keine Adresse und keine Seriennummer.
devices-forms = Testen, was dieser Echo noch kann
devices-forms-hint = Der Echo spielt fünf Sekunden eines Tons in jeder Form, die noch kein Stream benutzt. Formen sind ein anderer Port, eine IP-Adresse, eine Weiterleitung und Listen von Stücken. Das dauert etwa eine halbe Minute und höchstens fünf Minuten. Deine Musik bleibt, wie sie ist.
devices-forms-start = Alle Formen spielen
devices-forms-begun = Der Test läuft: Der Echo spielt einen Ton in jeder Form, einen nach dem anderen.
devices-form-playlist-http = eine Playlist mit einer öffentlichen Adresse ohne TLS
devices-form-port = eine Adresse mit einem anderen Port
devices-form-address = eine IP-Adresse statt eines Namens
devices-form-redirect = eine Adresse, die weiterleitet
devices-form-hls-ended = eine vollständige Liste von Stücken (HLS)
devices-form-hls-live = eine Liste von Stücken, die wächst (HLS, live)
devices-form-asked-again = Der Echo hat die Liste noch einmal geholt.
devices-form-asked-once = Der Echo hat die Liste nicht noch einmal geholt.
devices-left-out = nicht gespielt
devices-left-out-no-door = Die Tür hat noch keine öffentliche Adresse.
devices-left-out-no-lan-door = Die Tür hat keine Adresse zu Hause mit einem Zertifikat.
devices-left-out-no-tone-at-home = Die Playlist muss eine Adresse zu Hause nennen, die den Ton liefert. Trage im Schritt „Music Assistant“ die einfache Adresse zu Hause als API URL ein. Oder gib der Tür eine Adresse zu Hause.
devices-left-out-music-assistant-only = Hinter dieser Adresse ist nur Music Assistant, und das hat keinen Ton. Die erste Musik auf diesem Weg entscheidet.
devices-left-out-no-other-port = Keine Adresse der Tür hat einen anderen Port als 443.
devices-left-out-no-bare-address = Keine Adresse der Tür ist eine IP-Adresse statt eines Namens.
devices-left-out-no-public-plain = Keine öffentliche Adresse ohne TLS liefert den Ton.
devices-counted = { $paired } von { $all } zugeordnet
devices-not-paired = Nicht zugeordnet
devices-player-of = Player
devices-room = Raum
devices-now = Jetzt
devices-more = Mehr
devices-identify-again = Neu zuordnen
chain = Vom Start bis zum Ton
chain-sent = Gesendet
chain-heard = Gehört
chain-asked = Gefragt
chain-answered = Beantwortet
chain-fetched = Geholt
chain-playing = Spielt
chain-reached = erreicht
chain-waits = wartet
chain-not-reached = nicht erreicht
chain-unknown = unbekannt
chain-remedy-sent = Amazon hat den Befehl nicht angenommen. Prüfe die Anmeldung und ob der Echo online ist.
chain-remedy-heard = Kein Echo hat den Skill geöffnet. Prüfe, ob er aktiviert ist und die Sprache des Echos hat.
chain-remedy-asked = Ein Echo hat den Skill geöffnet, ist aber diesem Player nicht zugeordnet. Ordne ihn zu.
chain-remedy-refused = Der Echo hat gefragt und keine Musik bekommen: Zwei Echos haben gefragt, oder Alexa hat die Antwort abgelehnt. Prüfe alles.
chain-remedy-fetched = Der Echo hat den Ton nicht geholt. Prüfe die öffentliche Adresse.
chain-remedy-playing = Der Echo hat den Ton geholt und nicht abgespielt. Sieh nach, was er gemeldet hat.
chain-remedy-silent = Der Echo hat nicht gemeldet, dass er spielt. Prüfe die öffentliche Adresse.
