devices-why-sign-in = Avec votre compte Amazon, cette page affiche tous vos Echo et les associe automatiquement. Elle joue une tonalité de test et règle le volume. D’ici là, elle affiche les Echo qui ont demandé de la musique.
devices-listed = Vos appareils
devices-identify-all = Associer tous les Echo
devices-identify-hint = Le serveur demande sans bruit à chaque Echo lequel il est, et l’associe au lecteur du même nom. Cela prend jusqu’à un quart de minute.
devices-refresh = Chercher de nouveaux appareils
devices-none = Amazon n’indique aucun appareil qui joue de la musique.
devices-others = Echo qui ont demandé de la musique
devices-others-hint = On ne sait pas encore lesquels de vos appareils ce sont.
devices-none-asked = Aucun Echo n’a encore demandé de musique. Dites à l’un d’eux « Alexa, ouvre music assistant ».
devices-online = en ligne
devices-offline = hors ligne
devices-not-identified = La skill ne le connaît pas encore. Associez-le, ou dites-lui « Alexa, ouvre music assistant ».
devices-player = Lecteur dans Music Assistant :
devices-player-is-on = activé
devices-player-is-off = désactivé
devices-player-turn-on = Activer
devices-player-turn-off = Désactiver
devices-player-of-group = Un groupe lance chacun de ses Echo séparément : ils ne sont pas synchronisés.
devices-player-group-name = { $name } (non synchronisé)
devices-player-turned-on = { $device } est un lecteur dans Music Assistant. Il apparaît dans les cinq minutes.
devices-player-turned-off = { $device } n’est plus un lecteur dans Music Assistant. Il disparaît dans les deux minutes.
devices-player-failed = Music Assistant n’a pas pu jouer ici
devices-volume = Volume
devices-volume-set-button = Régler
devices-test = Dire une phrase
devices-test-sentence = Ceci est un test. Si vous m’entendez, cet Echo peut être commandé.
devices-identify = Associer
devices-asked = Dernière demande de musique
devices-serves-none = Associé à aucun lecteur.
devices-undo = Annuler
devices-undo-of = Annuler l’association avec { $player }
devices-pair-with = Associer à un lecteur
devices-choose = Choisissez…
devices-pair = Associer
devices-asleep-hint = La skill est désactivée dans son compte. L’Echo revient dès qu’elle y est activée de nouveau.
echo-asleep = Un Echo qui dort

devices-paired = L’Echo est maintenant associé à { $player }.
devices-unpaired = L’association avec { $player } est annulée.
devices-unpaired-before = Il n’y avait plus d’association avec { $player }.
devices-identified = Associés : { $paired }.
devices-identified-some = Associés : { $paired }. Non associés : { $reasons }
devices-identified-none = Aucun Echo n’est associé : { $reasons }
devices-not-identified-since = { $names } : { $reason }
devices-not-identified-others =
    { $count ->
        [one] et un autre
       *[other] et { $count } autres
    }
devices-not-identified-rest =
    { $count ->
        [one] Un autre n’est pas associé.
       *[other] { $count } autres ne sont pas associés.
    }
devices-no-echo-to-pair = Il n’y a aucun Echo à associer.
devices-tested = Amazon a accepté : { $device } devrait dire une phrase maintenant. Si vous n’entendez rien, augmentez le volume et réessayez.
devices-volume-set = Volume de { $device } : { $volume }.
devices-volumes-set = Volumes : { $volume }.
devices-refreshed = Amazon vient d’indiquer ses appareils.

kind-echo = Echo
kind-dot = Echo Dot
kind-show = Echo avec écran
kind-studio = Echo Studio
kind-group = Groupe
kind-pair = Paire stéréo
kind-television = Fire TV
kind-tablet = Autre appareil avec Alexa
kind-asked = Connu par sa demande
devices-strays = Lancé, et un autre Echo a demandé
devices-stray = De la musique a été lancée { $count } fois de suite sur { $player }, et chaque fois seul { $echo } l’a demandée. L’Echo a sans doute été renommé ou remplacé.
devices-stray-pair = Associer { $player } à cet Echo

devices-reach = Les flux l’atteignent par { $route } (appris { $ago }).
devices-reach-kin = Pas encore testé. { $echo } est du même type et reçoit les flux par { $route } (appris { $ago }) : cette route est donc essayée en premier.
devices-reach-none = Aucun flux ne l’a encore atteint par { $routes }.
devices-route-playlist = une playlist avec l’adresse chez vous
devices-route-lan = la porte chez vous
devices-route-door = la porte
devices-route-direct = l’adresse des flux de Music Assistant
devices-trial = Tester le son
devices-trial-begun = Le test est en cours : l’Echo joue une tonalité par chaque route, l’une après l’autre.
devices-trial-silent = L’Echo devait demander la tonalité et ne l’a pas encore fait. Vérifiez que la skill est activée dans son compte, et qu’elle a sa langue.
devices-trial-waiting = En attente de l’Echo
devices-trial-running = Les tonalités jouent
devices-trial-done = Il joue
devices-trial-forms-done = Toutes les formes ont été jouées
devices-trial-none = Aucune route n’a fonctionné
devices-trial-never-asked = L’Echo n’a jamais demandé
devices-trial-stopped = Arrêté
devices-trial-no-report = L’Echo n’a pas signalé la dernière tonalité
devices-trial-report = Texte pour un ticket
devices-tone-untried = non essayée
devices-tone-sent = envoyée à l’Echo
devices-tone-fetched = récupérée par l’Echo
devices-tone-works = fonctionne : jouée pendant { $seconds } s
devices-tone-failed = ne fonctionne pas, et n’a pas été récupérée ici : { $type }
devices-tone-failed-fetched = ne fonctionne pas, bien que récupérée ici : { $type }
devices-tone-silent = ne fonctionne pas : terminée après { $seconds } s
devices-tone-requests =
    { $count ->
        [one] Une demande pour elle est arrivée ici.
       *[other] { $count } demandes pour elle sont arrivées ici.
    }
devices-trial-cancel = Arrêter le test
devices-trial-cancelled = Aucune autre tonalité n’est envoyée, et celle qui joue s’arrête dans quelques secondes.
devices-trial-over = Aucun test n’est en cours sur cet Echo.
devices-trial-tell = Dites-nous ce que sait faire votre Echo : collez ce texte dans un ticket. Il contient le type de l’Echo, mais ni nom, ni adresse, ni numéro de série.
devices-forms = Tester ce que cet Echo sait encore faire
devices-forms-hint = L’Echo joue cinq secondes d’une tonalité dans chaque forme qu’aucun flux n’utilise encore. Les formes sont un autre port, une adresse IP, une redirection et des listes de morceaux. Cela prend environ une demi-minute, et cinq minutes au plus. Votre musique reste telle quelle.
devices-forms-start = Jouer toutes les formes
devices-forms-begun = Le test est en cours : l’Echo joue une tonalité dans chaque forme, l’une après l’autre.
devices-form-playlist-http = une playlist avec une adresse publique sans TLS
devices-form-port = une adresse avec un autre port
devices-form-address = une adresse IP au lieu d’un nom
devices-form-redirect = une adresse qui redirige
devices-form-hls-ended = une liste de morceaux complète (HLS)
devices-form-hls-live = une liste de morceaux qui grandit (HLS, direct)
devices-form-asked-again = L’Echo a demandé la liste une nouvelle fois.
devices-form-asked-once = L’Echo n’a pas redemandé la liste.
devices-left-out = non jouée
devices-left-out-no-door = La porte n’a pas encore d’adresse publique.
devices-left-out-no-lan-door = La porte n’a pas d’adresse chez vous avec un certificat.
devices-left-out-no-tone-at-home = La playlist doit donner une adresse chez vous qui fournit la tonalité. À l’étape « Music Assistant », saisissez comme API URL l’adresse simple chez vous. Ou donnez à la porte une adresse chez vous.
devices-left-out-music-assistant-only = Derrière cette adresse, il n’y a que Music Assistant, qui n’a pas de tonalité. La première musique jouée par cette route décidera.
devices-left-out-no-other-port = Aucune adresse de la porte n’a un autre port que 443.
devices-left-out-no-bare-address = Aucune adresse de la porte n’est une adresse IP au lieu d’un nom.
devices-left-out-no-public-plain = Aucune adresse publique sans TLS ne fournit la tonalité.
devices-counted = { $paired } associés sur { $all }
devices-not-paired = Non associé
devices-player-of = Lecteur
devices-room = Pièce
devices-now = En cours
devices-more = Plus
devices-identify-again = Associer de nouveau
chain = Du départ jusqu’au son
chain-sent = Envoyé
chain-heard = Entendu
chain-asked = Demandé
chain-answered = Répondu
chain-fetched = Récupéré
chain-playing = En lecture
chain-reached = atteint
chain-waits = en attente
chain-not-reached = non atteint
chain-unknown = inconnu
chain-remedy-sent = Amazon n’a pas accepté la commande. Vérifiez la connexion et que l’Echo est en ligne.
chain-remedy-heard = Aucun Echo n’a ouvert la skill. Vérifiez qu’elle est activée et qu’elle a la langue de l’Echo.
chain-remedy-asked = Un Echo a ouvert la skill, mais il n’est pas associé à ce lecteur. Associez-le.
chain-remedy-refused = L’Echo a demandé et n’a pas reçu de musique : deux Echo ont demandé, ou Alexa a refusé la réponse. Vérifiez tout.
chain-remedy-fetched = L’Echo n’a pas récupéré le son. Vérifiez l’adresse publique.
chain-remedy-playing = L’Echo a récupéré le son et ne l’a pas joué. Voyez ce qu’il a signalé.
chain-remedy-silent = L’Echo n’a pas signalé qu’il joue. Vérifiez l’adresse publique.
