product = Music Assistant für Alexa
skip = Zum Inhalt springen
nav = Seiten
nav-setup = Einrichtung
nav-status = Start
nav-devices = Geräte
nav-settings = Optionen
nav-log = Protokoll
nav-api = API
languages = Sprachen
themes = Farben
theme-system = System
theme-light = Hell
theme-dark = Dunkel
log-out = Abmelden
log-out-everywhere = Überall abmelden
version = Version { $version }
to-start = Zur ersten Seite
copied = Kopiert
copied-not = Dein Browser lässt diese Seite nicht kopieren. Markiere den Text und kopiere ihn selbst.
unreachable = Der Server antwortet nicht. Prüfe, ob er läuft, und versuche es noch einmal.
copy = Kopieren
save = Speichern
cancel = Abbrechen

ago-now = gerade eben
ago-minutes = { $count ->
    [one] vor einer Minute
   *[other] vor { $count } Minuten
}
ago-hours = { $count ->
    [one] vor einer Stunde
   *[other] vor { $count } Stunden
}
ago-days = { $count ->
    [one] vor einem Tag
   *[other] vor { $count } Tagen
}
in-minutes = { $count ->
    [one] in einer Minute
   *[other] in { $count } Minuten
}
in-hours = { $count ->
    [one] in einer Stunde
   *[other] in { $count } Stunden
}
in-days = { $count ->
    [one] in einem Tag
   *[other] in { $count } Tagen
}

login-title = Anmelden
login-which = Mit dem Benutzernamen und dem Passwort des Besitzers. Zu Hause zeigt „ma-alexa password“ sie, und „ma-alexa link“ zeigt einen Link, der dich anmeldet. In AWS hast du sie bei der Bereitstellung gewählt.
login-which-add-on = Mit dem Benutzernamen und dem Passwort des Besitzers. Öffne in Home Assistant die Seite „Alexa“: Dort brauchst du keine Anmeldung. Öffne dort die Optionen und erstelle ein neues Passwort des Besitzers.
login-username = Benutzername
login-password = Passwort
login-button = Anmelden
link-title = Anmelden
link-which = Dieser Link meldet diesen Browser als Besitzer an. Er gilt einmal, innerhalb von 15 Minuten.
link-button = Anmelden
link-wrong = Dieser Link wurde schon benutzt oder ist älter als 15 Minuten. Für einen neuen führe „ma-alexa link“ auf dem Rechner des Servers aus, in AWS „infra/deploy --passwords“.
link-wrong-add-on = Dieser Link wurde schon benutzt oder ist älter als 15 Minuten. Öffne stattdessen in Home Assistant die Seite „Alexa“.
link-old-form = Diese Seite ist zu alt, oder dein Browser behält keine Cookies. Öffne den Link noch einmal. Hilft das nicht, erlaube Cookies für diese Seite.
link-password = Mit dem Passwort des Besitzers anmelden
login-wrong = Der Benutzername oder das Passwort ist falsch.
login-too-many = Zu viele Benutzernamen oder Passwörter waren falsch. Warte ein paar Sekunden und versuche es noch einmal.
login-not-owner = Das sind Benutzername und Passwort von Music Assistant. Die Seiten brauchen die des Besitzers.
login-old-form = Dieses Formular ist zu alt, oder dein Browser behält keine Cookies. Melde dich noch einmal an. Hilft das nicht, erlaube Cookies für diese Seite.
login-logged-out = Du bist abgemeldet.
login-logged-out-everywhere = Du bist in jedem Browser abgemeldet.
login-logged-out-here = Dieser Browser ist abgemeldet, aber der Speicher hat nicht geantwortet. Eine Kopie seines Cookies gilt noch höchstens 12 Stunden. Melde dich später noch einmal an und dann überall ab.

error-not-found-title = Diese Seite gibt es nicht
error-not-found = Vielleicht ist die Adresse vertippt, oder ihr Inhalt ist nicht mehr da.
error-forbidden-title = Es wurde nichts geändert
error-forbidden = Das kam nicht von einer Seite dieser Sitzung. Geh zurück, lade die Seite neu und versuche es noch einmal. Hinter einem Proxy: Lass ihn den Hostnamen weitergeben. Oder starte diesen Server mit API_URL, der Adresse, die du in den Browser eingibst.
error-malformed-title = Das ist nicht lesbar
error-malformed = Das Formular passt nicht zu seiner Seite. Geh zurück, lade die Seite neu und versuche es noch einmal.
error-internal-title = Hier ist etwas schiefgegangen
error-internal = Es ist ein Fehler dieses Programms. Versuche es noch einmal. Im Protokoll steht mehr.
error-credentials-title = Die Anmeldung ist nicht möglich
error-credentials = Die Benutzernamen und Passwörter dieses Servers sind nicht lesbar. Im Protokoll des Servers steht, was zu tun ist. Lade danach die Seite neu.
error-store-title = Der Speicher antwortet nicht
error-store-full-title = Die Festplatte ist voll
error-store-full = Nichts lässt sich mehr speichern: Keine Musik startet, und keine Einstellung bleibt. Gib auf dem Rechner dieses Programms Platz frei und lade die Seite neu.
error-store = Player, Echos und Einstellungen sind gerade nicht lesbar. Versuche es in einer Minute noch einmal. Hilft das nicht, steht im Protokoll mehr.
error-late-title = Das hat zu lange gedauert
error-late = Ein nötiger Dienst hat nicht rechtzeitig geantwortet. Vielleicht ist es trotzdem geschehen: Sieh nach, bevor du es wiederholst. Im Protokoll steht, wer nicht geantwortet hat.
error-other-title = Das hat nicht funktioniert
error-other = Das ist bekannt:

echo-unnamed = Echo { $hash }
paired-learned = beim ersten Abspielen gelernt
paired-voice = ihm gesagt
paired-manual = von Hand gewählt
paired-code = von selbst zugeordnet, mit einem Code

problem-not-signed-in = Kein Amazon-Konto ist angemeldet. Melde dich auf der Seite „Einrichtung“ an.
problem-sign-in-again = Amazon hat die Anmeldung beendet. Melde dich auf der Seite „Einrichtung“ noch einmal an.
problem-session-refused = Amazon nimmt eine Sitzung nicht an, die es eben erst erneuert hat. Versuche es in ein paar Minuten noch einmal. Hilft das nicht, melde dich auf der Seite „Einrichtung“ noch einmal an.
problem-device-unknown = Das Amazon-Konto hat dieses Gerät nicht mehr.
problem-device-offline = Amazon erreicht das Gerät nicht. Prüfe, ob es Strom und WLAN hat.
problem-not-controllable = Das kann das Gerät nicht, oder gerade nicht.
problem-throttled = Amazon nimmt im Moment nichts mehr an. Versuche es in ein paar Minuten noch einmal.
problem-amazon-changed = Amazon antwortet etwas, das diese Version nicht kennt. Sieh nach einer neueren Version.
problem-amazon-unavailable = Amazon antwortet nicht oder hat eine Störung. Versuche es in ein paar Minuten noch einmal.
problem-amazon-certificate = Etwas auf dem Weg antwortet an Amazons Stelle, und sein Zertifikat wird nicht angenommen. Vielleicht ist es ein Filter, der verschlüsselte Verbindungen öffnet. Nimm Adressen von Amazon davon aus.
problem-may-be-done = Amazon hat nicht gesagt, ob es geschehen ist; vielleicht ist es das trotzdem. Sieh oder höre nach, bevor du es wiederholst.
problem-login-not-begun = Es läuft keine Anmeldung. Beginne von vorn.
problem-login-wrong-address = Das ist nicht die Adresse der Seite nach der Anmeldung. Kopiere die ganze Adresse der Seite, die nicht gefunden wird.
problem-login-address-used = Mit dieser Adresse wurde schon eine Anmeldung abgeschlossen. Beginne von vorn.
problem-login-address-expired = Amazon nimmt diese Adresse nicht mehr an: Sie gilt fünf Minuten. Beginne von vorn.
problem-playback-failed = Der Echo konnte den Stream nicht abspielen.
problem-did-not-play = Der Echo hat nicht gespielt, was er sollte, oder mit einem Fehler aufgehört. Teste seinen Ton auf dieser Seite.
problem-serves-no-renderers = Diese Funktionen haben keine Brücke. Daher bietet kein Zuhause Music Assistant Player an. Installiere diese Version mit infra/deploy, und starte zu Hause ma-alexa bridge.
problem-no-bridge = Diese Installation hat keine Brücke; das haben nur Funktionen in AWS.
problem-not-waiting = Keine Anfrage mit dieser ID wartet auf eine Antwort, oder nicht mehr.
problem-ticket-unavailable = AWS gibt keine Schlüssel für die Warteschlange; das Protokoll sagt, warum.
problem-never-asked = Der Echo sollte den Skill benutzen und hat es nie getan. Prüfe, ob der Skill im Konto dieses Echos aktiviert ist und seine Sprache hat.
problem-player-unknown = Diesen Player gibt es nicht mehr.
problem-echo-unknown = Dieser Echo hat lange nicht nach Musik gefragt. Sag zu ihm „Alexa, öffne music assistant“.
problem-music-assistant-not-connected = Music Assistant ist nicht verbunden. Verbinde es auf der Seite „Einrichtung“, im Schritt „Music Assistant“.
problem-music-assistant-unreachable = Music Assistant antwortet unter dieser Adresse nicht. Prüfe, ob es läuft und ob Adresse und Port stimmen. Der Port ist in der Regel 8095.
problem-music-assistant-slow = Music Assistant antwortet nicht rechtzeitig. Vielleicht ist es trotzdem geschehen: Sieh nach, bevor du es wiederholst.
problem-music-assistant-signed-out = Music Assistant nimmt das Token nicht an oder braucht eines. Verbinde es noch einmal mit Benutzername und Passwort.
problem-music-assistant-login-refused = Music Assistant nimmt diesen Benutzernamen und dieses Passwort nicht an. Warte nach vielen falschen ein paar Minuten.
problem-music-assistant-not-allowed = Dieser Benutzer darf keine Player steuern. Nimm einen mit der Rolle user oder admin, keinen Gast.
problem-music-assistant-failed = Music Assistant konnte es nicht tun. Sein Protokoll sagt, warum.
problem-music-assistant-unexpected = Unter dieser Adresse antwortet kein Music Assistant, das diese Version kennt. Nimm die Adresse seiner Seiten und aktualisiere beide Programme.
problem-media-refused = Kein Echo kann spielen, was gewünscht war. Er spielt MP3, AAC und Listen unter öffentlichen https-Adressen. Dateien aus deinem Heimnetz brauchen die Tür: Richte sie im Schritt „Öffentliche Adresse“ ein. Genau, auf Englisch: { $message }
problem-media-not-fetched = Die Tür bekam unter der gewünschten Adresse keinen Ton. Prüfe, ob das Gerät dort läuft und eine IPv4-Adresse in deinem Heimnetz hat. Genau, auf Englisch: { $message }
problem-music-unknown = Music Assistant hat keine solche Musik.
problem-invalid-request = So geht das nicht: { $message }
problem-credentials-unavailable = Das Geheimnis ist gerade nicht lesbar oder nicht schreibbar. Im Protokoll steht mehr.
problem-store-unavailable = Der Speicher antwortet nicht. Versuche es in einer Minute noch einmal.
problem-took-too-long = Das hat zu lange gedauert. Vielleicht ist es trotzdem geschehen: Sieh nach, bevor du es wiederholst.
problem-internal = Hier ist etwas schiefgegangen. Im Protokoll steht mehr.
problem-other = Das hat nicht funktioniert: { $message }

players-off-by-variable = Dieser Server bietet keine Player an: RENDERER_BIND ist off. Nimm den Alexa-Anbieter von Music Assistant oder starte diesen Server ohne diese Variable.
players-port-taken = Music Assistant findet keinen Echo von selbst: Ein anderes Programm hat Port { $port }. Setze RENDERER_BIND auf einen freien Port.
players-at-home = Das Programm ma-alexa bridge bei dir zu Hause bietet Music Assistant diese Player an, sobald es dort läuft.
players-all-off = Music Assistant findet keinen Echo von selbst: Alle sind als Player ausgeschaltet.
players-sign-in = Music Assistant findet deine Echos von selbst, sobald ihr Amazon-Konto angemeldet ist.
players-no-network = Music Assistant kann deine Echos nicht finden: Dieser Server ist in keinem Netz deines Zuhauses.
players-not-announced = Music Assistant kann deine Echos nicht finden: Dieser Server bekommt den UDP-Port 1900 nicht, oder kein Multicast.
players-found = Gefunden von Music Assistant oder einem anderen Controller: { $found } von { $all } Echos.
players-last = Zuletzt von { $address },
players-searched = Eine Suche kam ({ $ago }), aber nach keinem Echo wurde gefragt. Music Assistant muss Port { $port } dieses Servers erreichen.
players-waiting = Music Assistant hat noch nicht nach Playern gesucht. Es tut das innerhalb von fünf Minuten.
players-checks = Es kommt nichts? Prüfe Folgendes
players-check-provider = In Music Assistant ist der Wiedergabegeräte-Anbieter „DLNA“ an, so wie am Anfang.
players-check-docker = In Docker haben beide Container das Netz des Hosts (network_mode: host).
players-check-subnet = Music Assistant ist im selben Netz, nicht in einem anderen Subnetz oder Gast-WLAN.
players-check-multicast = Router und Access Points lassen Multicast durch.

settings-general = Allgemein
settings-in-setup = Adressen, Name und Sprachen des Skills gehören zur Einrichtung:
settings-phone = Auf deinem Telefon
settings-phone-what = Öffne diese Adresse auf deinem Telefon, melde dich an, und lege sie auf den Startbildschirm.
settings-phone-code = QR-Code der Adresse
settings-phone-print = Gedruckt hat diese Seite nur diesen Abschnitt: ein kleines Blatt für die Küche.
settings-phone-none = Dieser Browser kam über eine Adresse, die ein Telefon nicht erreicht. Öffne die Seiten über die Adresse des Rechners im Netz, oder nimm die App von Home Assistant.
settings-access = Zugang
settings-place = Die Passwörter liegen in
settings-owner = Passwort des Besitzers
settings-owner-new = Ein neues meldet jeden Browser ab, auch diesen. Es wird einmal angezeigt.
settings-ma = Passwort von Music Assistant
settings-ma-new = Ein neues musst du in Music Assistant eintragen, in seinem Alexa-Anbieter.
settings-password-new = Neues Passwort erzeugen
settings-password-fixed = Eine Variable legt dieses Passwort fest. Ändere es dort.
settings-password-aws = Ändere das Secret „credentials“ im AWS Secrets Manager.
settings-new-title = Neues Passwort
settings-owner-done = Jeder Browser ist abgemeldet. Bewahre dieses Passwort auf: Es wird nicht noch einmal angezeigt.
settings-ma-done = Trage es in Music Assistant ein: Das alte gilt nicht mehr.
settings-backup = Backup
settings-backup-what = Eine Datei mit dem Zustand und allen Geheimnissen. Sie öffnet das Amazon-Konto: Bewahre sie sicher auf.
settings-backup-download = Backup herunterladen
settings-backup-aws = AWS hält Backups des Zustands. Sieh im Dokument über den Betrieb nach.
settings-restore = Zum Wiederherstellen halte das Programm an und führe aus:
settings-restore-add-on = Um einen früheren Stand wiederherzustellen, spiele dieses Add-on aus einer Sicherung von Home Assistant zurück.
settings-report = Bericht für eine Frage
settings-report-what = Eine Datei für ein Issue: Prüfungen, Einstellungen, Aktivität und Protokollzeilen. Sie enthält kein Geheimnis.
settings-report-download = Bericht herunterladen
settings-about = Über dieses Programm
settings-licence = Lizenz: Apache-2.0.
