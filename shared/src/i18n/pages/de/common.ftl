product = Music Assistant für Alexa
skip = Zum Inhalt springen
nav = Seiten
nav-setup = Einrichten
nav-status = Status
nav-devices = Geräte
languages = Sprachen
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

login-title = Anmelden
login-which = Mit dem Benutzernamen und dem Passwort des Besitzers. Sie wurden beim ersten Start ausgegeben, oder du hast sie bei der Bereitstellung gewählt.
login-username = Benutzername
login-password = Passwort
login-button = Anmelden
login-wrong = Der Benutzername oder das Passwort ist falsch.
login-too-many = Zu viele Benutzernamen oder Passwörter waren falsch. Warte ein paar Sekunden und versuche es noch einmal.
login-not-owner = Das sind Benutzername und Passwort von Music Assistant. Die Seiten brauchen die des Besitzers.
login-old-form = Dieses Formular ist zu alt, oder dein Browser behält keine Cookies. Melde dich noch einmal an; hilft das nicht, erlaube Cookies für diese Seite.
login-logged-out = Du bist abgemeldet.
login-logged-out-everywhere = Du bist in jedem Browser abgemeldet.
login-logged-out-here = Dieser Browser ist abgemeldet, aber der Speicher hat nicht geantwortet. Eine Kopie seines Cookies gilt noch höchstens 12 Stunden. Melde dich später noch einmal an, und dann überall ab.

error-not-found-title = Diese Seite gibt es nicht
error-not-found = Vielleicht ist die Adresse vertippt, oder was sie zeigte, ist nicht mehr da.
error-forbidden-title = Es wurde nichts geändert
error-forbidden = Das kam nicht von einer Seite dieser Sitzung. Geh zurück, lade die Seite neu und versuche es noch einmal. Hinter einem Proxy: Lass ihn den Hostnamen weitergeben, oder setze API_URL auf die Adresse, die du in den Browser eingibst.
error-malformed-title = Das ist nicht lesbar
error-malformed = Im Formular steht etwas anderes als auf seiner Seite. Geh zurück, lade die Seite neu und versuche es noch einmal.
error-internal-title = Hier ist etwas schiefgegangen
error-internal = Es ist ein Fehler dieses Programms. Versuche es noch einmal; im Protokoll steht mehr.
error-credentials-title = Niemand kann sich anmelden
error-credentials = Die Benutzernamen und Passwörter dieses Servers sind nicht lesbar. Im Protokoll des Servers steht, was zu tun ist. Lade danach die Seite neu.
error-store-title = Der Speicher antwortet nicht
error-store-full-title = Die Festplatte ist voll
error-store-full = Es lässt sich nichts mehr speichern: Keine Musik startet, keine Einstellung bleibt. Gib auf dem Rechner mit diesem Programm Platz frei und lade die Seite neu.
error-store = Player, Echos und Einstellungen sind gerade nicht lesbar. Versuche es in einer Minute noch einmal; bleibt es so, steht im Protokoll mehr.
error-late-title = Das hat zu lange gedauert
error-late = Wer gefragt werden musste, hat nicht rechtzeitig geantwortet. Vielleicht ist es trotzdem geschehen: Sieh nach, bevor du es wiederholst. Im Protokoll steht, wer nicht geantwortet hat.
error-other-title = Das hat nicht geklappt
error-other = Das ist bekannt:

echo-unnamed = Echo { $hash }
paired-learned = beim ersten Abspielen gelernt
paired-voice = ihm gesagt
paired-manual = von Hand gewählt
paired-code = durch einen Code, den es wiederholt hat

problem-not-signed-in = Bei Amazon ist niemand angemeldet. Melde dich auf der Seite „Einrichten“ an.
problem-sign-in-again = Amazon hat die Anmeldung beendet. Melde dich auf der Seite „Einrichten“ neu an.
problem-session-refused = Amazon nimmt eine Sitzung nicht an, die es eben erst erneuert hat. Versuche es in ein paar Minuten noch einmal; bleibt es so, melde dich auf der Seite „Einrichten“ neu an.
problem-device-unknown = Dieses Gerät gehört nicht mehr zum Amazon-Konto.
problem-device-offline = Amazon erreicht das Gerät nicht. Prüfe, ob es Strom und WLAN hat.
problem-not-controllable = Das kann das Gerät nicht, oder gerade nicht.
problem-throttled = Amazon nimmt im Moment nichts mehr an. Versuche es in ein paar Minuten noch einmal.
problem-amazon-changed = Amazon antwortet etwas, das diese Version nicht kennt. Sieh nach einer neueren Version.
problem-amazon-unavailable = Amazon antwortet nicht oder hat eine Störung. Versuche es in ein paar Minuten noch einmal.
problem-amazon-certificate = Etwas auf dem Weg antwortet an Amazons Stelle, und sein Zertifikat wird nicht angenommen: zum Beispiel ein Filter, der verschlüsselte Verbindungen öffnet. Nimm Adressen von Amazon davon aus.
problem-may-be-done = Amazon hat nicht gesagt, ob es geschehen ist; vielleicht ist es das trotzdem. Sieh oder höre nach, bevor du es wiederholst.
problem-login-not-begun = Es läuft keine Anmeldung. Beginne von vorn.
problem-login-wrong-address = Das ist nicht die Adresse der Seite nach der Anmeldung. Kopiere die ganze Adresse der Seite, die nicht gefunden wird.
problem-login-address-used = Mit dieser Adresse wurde schon eine Anmeldung beendet. Beginne von vorn.
problem-login-address-expired = Amazon nimmt diese Adresse nicht mehr an: Sie gilt fünf Minuten. Beginne von vorn.
problem-playback-failed = Das Echo konnte den Stream nicht abspielen.
problem-never-asked = Das Echo sollte den Skill benutzen und hat es nie getan. Prüfe, ob der Skill im Konto dieses Echos aktiviert ist und ob er die Sprache des Echos hat.
problem-player-unknown = Diesen Player gibt es nicht mehr.
problem-echo-unknown = Dieses Echo hat lange nicht nach Musik gefragt. Sag zu ihm „Alexa, öffne Music Assistant“.
problem-invalid-request = So geht das nicht: { $message }
problem-credentials-unavailable = Das Geheimnis ist gerade nicht lesbar oder nicht schreibbar. Im Protokoll steht mehr.
problem-store-unavailable = Der Speicher antwortet nicht. Versuche es in einer Minute noch einmal.
problem-took-too-long = Das hat zu lange gedauert. Vielleicht ist es trotzdem geschehen: Sieh nach, bevor du es wiederholst.
problem-internal = Hier ist etwas schiefgegangen. Im Protokoll steht mehr.
problem-other = Das hat nicht geklappt: { $message }
