product = Music Assistant pour Alexa
skip = Aller au contenu
nav = Pages
nav-setup = Configuration
nav-status = Accueil
nav-devices = Appareils
nav-settings = Réglages
nav-log = Journal
nav-api = API
languages = Langues
themes = Couleurs
theme-system = Système
theme-light = Clair
theme-dark = Sombre
log-out = Se déconnecter
log-out-everywhere = Se déconnecter partout
version = Version { $version }
to-start = Vers la première page
copied = Copié
copied-not = Votre navigateur ne laisse pas cette page copier. Sélectionnez le texte et copiez-le vous-même.
unreachable = Le serveur ne répond pas. Vérifiez qu’il est en marche, puis réessayez.
copy = Copier
save = Enregistrer
cancel = Annuler

ago-now = à l’instant
ago-minutes = { $count ->
    [one] il y a une minute
   *[other] il y a { $count } minutes
}
ago-hours = { $count ->
    [one] il y a une heure
   *[other] il y a { $count } heures
}
ago-days = { $count ->
    [one] il y a un jour
   *[other] il y a { $count } jours
}
in-minutes = { $count ->
    [one] dans une minute
   *[other] dans { $count } minutes
}
in-hours = { $count ->
    [one] dans une heure
   *[other] dans { $count } heures
}
in-days = { $count ->
    [one] dans un jour
   *[other] dans { $count } jours
}

login-title = Connexion
login-which = Avec le nom d’utilisateur et le mot de passe du propriétaire. Chez vous, « ma-alexa password » les affiche, et « ma-alexa link » affiche un lien qui vous connecte. Dans AWS, vous les avez choisis au déploiement.
login-which-add-on = Avec le nom d’utilisateur et le mot de passe du propriétaire. Dans Home Assistant, ouvrez la page « Alexa », qui ne demande aucune connexion. Ouvrez-y les réglages et créez un nouveau mot de passe du propriétaire.
login-username = Nom d’utilisateur
login-password = Mot de passe
login-button = Se connecter
link-title = Connexion
link-which = Ce lien connecte ce navigateur en tant que propriétaire. Il sert une fois, dans les 15 minutes.
link-button = Se connecter
link-wrong = Ce lien a déjà servi ou date de plus de 15 minutes. Pour en obtenir un autre, exécutez « ma-alexa link » sur la machine du serveur, ou dans AWS « infra/deploy --passwords ».
link-wrong-add-on = Ce lien a déjà servi ou date de plus de 15 minutes. Dans Home Assistant, ouvrez plutôt la page « Alexa ».
link-old-form = Cette page est trop ancienne, ou votre navigateur ne garde pas les cookies. Ouvrez de nouveau le lien. Si cela ne suffit pas, autorisez les cookies pour cette page.
link-password = Se connecter avec le mot de passe du propriétaire
login-wrong = Le nom d’utilisateur ou le mot de passe est incorrect.
login-too-many = Trop de noms d’utilisateur ou de mots de passe étaient incorrects. Attendez quelques secondes, puis réessayez.
login-not-owner = Ce sont le nom d’utilisateur et le mot de passe de Music Assistant. Les pages demandent ceux du propriétaire.
login-old-form = Ce formulaire est trop ancien, ou votre navigateur ne garde pas les cookies. Reconnectez-vous. Si cela ne suffit pas, autorisez les cookies pour cette page.
login-logged-out = Vous êtes déconnecté.
login-logged-out-everywhere = Vous êtes déconnecté de tous les navigateurs.
login-logged-out-here = Ce navigateur est déconnecté, mais le stockage n’a pas répondu. Une copie de son cookie reste valable 12 heures au plus. Reconnectez-vous plus tard, puis déconnectez-vous partout.

error-not-found-title = Cette page n’existe pas
error-not-found = L’adresse contient peut-être une faute de frappe, ou son contenu n’existe plus.
error-forbidden-title = Rien n’a été modifié
error-forbidden = La demande ne vient pas d’une page de cette session. Revenez en arrière, rechargez la page et réessayez. Derrière un proxy, il doit transmettre le nom d’hôte. Ou démarrez ce serveur avec API_URL, l’adresse que vous tapez dans le navigateur.
error-malformed-title = C’est illisible
error-malformed = Le formulaire contient autre chose que sa page. Revenez en arrière, rechargez la page et réessayez.
error-internal-title = Une erreur est survenue ici
error-internal = C’est une erreur de ce programme. Réessayez ; le journal en dit plus.
error-credentials-title = La connexion est impossible
error-credentials = Les noms d’utilisateur et les mots de passe de ce serveur sont illisibles. Le journal du serveur indique la solution. Rechargez ensuite la page.
error-store-title = Le stockage ne répond pas
error-store-full-title = Le disque est plein
error-store-full = Rien ne peut être conservé : aucune musique ne démarre et aucun réglage n’est enregistré. Libérez de l’espace sur la machine de ce programme, puis rechargez la page.
error-store = Les lecteurs, les Echo et les réglages sont illisibles pour le moment. Réessayez dans une minute ; si cela n’aide pas, le journal en dit plus.
error-late-title = L’attente a été trop longue
error-late = Un service nécessaire n’a pas répondu à temps. L’action a peut-être quand même eu lieu : vérifiez avant de la répéter. Le journal indique quel service n’a pas répondu.
error-other-title = Cela n’a pas fonctionné
error-other = Voici ce qui est connu :

echo-unnamed = Echo { $hash }
paired-learned = appris à sa première lecture
paired-voice = dit à l’Echo
paired-manual = choisi à la main
paired-code = associé automatiquement, par un code

problem-not-signed-in = Aucun compte Amazon n’est connecté. Connectez-vous sur la page « Configuration ».
problem-sign-in-again = Amazon a mis fin à la connexion. Reconnectez-vous sur la page « Configuration ».
problem-session-refused = Amazon refuse une session qu’il vient de renouveler. Réessayez dans quelques minutes. Si cela n’aide pas, reconnectez-vous sur la page « Configuration ».
problem-device-unknown = Cet appareil ne fait plus partie du compte Amazon.
problem-device-offline = Amazon ne joint pas l’appareil. Vérifiez son alimentation et son Wi-Fi.
problem-not-controllable = L’appareil ne sait pas le faire, ou pas en ce moment.
problem-throttled = Amazon n’accepte plus rien pour l’instant. Réessayez dans quelques minutes.
problem-amazon-changed = Cette version ne connaît pas la réponse d’Amazon. Cherchez une version plus récente.
problem-amazon-unavailable = Amazon ne répond pas ou a un problème. Réessayez dans quelques minutes.
problem-amazon-certificate = Un intermédiaire répond à la place d’Amazon, et son certificat est refusé. C’est par exemple un filtre qui ouvre les connexions chiffrées. Excluez de ce filtre les adresses d’Amazon.
problem-may-be-done = Amazon n’a pas dit si l’action a eu lieu ; c’est peut-être le cas. Regardez ou écoutez avant de la répéter.
problem-login-not-begun = Aucune connexion n’est en cours. Recommencez.
problem-login-wrong-address = Ce n’est pas l’adresse de la page qui suit la connexion. Copiez l’adresse complète de la page introuvable.
problem-login-address-used = Cette adresse a déjà terminé une connexion. Recommencez.
problem-login-address-expired = Amazon n’accepte plus cette adresse : elle est valable cinq minutes. Recommencez.
problem-playback-failed = L’Echo n’a pas pu lire le flux.
problem-did-not-play = L’Echo n’a pas joué ce qui était demandé, ou s’est arrêté sur une erreur. Lancez le test du son sur cette page.
problem-serves-no-renderers = Ces fonctions n’ont pas de pont : aucun foyer n’offre de lecteurs à Music Assistant. Déployez cette version avec infra/deploy et lancez ma-alexa bridge chez vous.
problem-no-bridge = Cette installation n’a pas de pont ; seules les fonctions dans AWS en ont un.
problem-not-waiting = Aucune demande avec cet identifiant n’attend de réponse, ou elle n’attend plus.
problem-ticket-unavailable = AWS ne donne aucune clé de la file ; le journal dit pourquoi.
problem-never-asked = L’Echo devait utiliser la skill et ne l’a jamais fait. Vérifiez que la skill est activée dans le compte de cet Echo, et qu’elle a sa langue.
problem-player-unknown = Ce lecteur n’existe plus.
problem-echo-unknown = Cet Echo n’a pas demandé de musique depuis longtemps. Dites-lui « Alexa, ouvre music assistant ».
problem-music-assistant-not-connected = Music Assistant n’est pas connecté. Connectez-le sur la page « Configuration », à l’étape « Music Assistant ».
problem-music-assistant-unreachable = Music Assistant ne répond pas à cette adresse. Vérifiez qu’il est en marche, et que l’adresse et le port sont corrects ; le port est normalement 8095.
problem-music-assistant-slow = Music Assistant ne répond pas à temps. L’action a peut-être quand même eu lieu : vérifiez avant de la répéter.
problem-music-assistant-signed-out = Music Assistant refuse le jeton, ou en demande un. Reconnectez-le avec votre nom d’utilisateur et votre mot de passe.
problem-music-assistant-login-refused = Music Assistant refuse ce nom d’utilisateur et ce mot de passe. Après plusieurs erreurs, attendez quelques minutes.
problem-music-assistant-not-allowed = Cet utilisateur n’a pas le droit de commander les lecteurs. Prenez-en un avec le rôle user ou admin, et non un invité.
problem-music-assistant-failed = Music Assistant n’a pas pu le faire. Son journal dit pourquoi.
problem-music-assistant-unexpected = Aucun Music Assistant que cette version connaît ne répond à cette adresse. Prenez l’adresse de ses pages, et mettez les deux programmes à jour.
problem-media-refused = Aucun Echo ne peut lire ce qui était demandé. Un Echo lit le MP3, l’AAC et les listes à des adresses https publiques. Les fichiers de chez vous ont besoin de la porte : configurez-la à l’étape « Adresse publique ». Détail, en anglais : { $message }
problem-media-not-fetched = La porte n’a reçu aucun son à l’adresse demandée. Vérifiez que sa machine est en marche et a une adresse IPv4 chez vous. Détail, en anglais : { $message }
problem-music-unknown = Music Assistant n’a pas cette musique.
problem-invalid-request = Ce n’est pas acceptable tel quel : { $message }
problem-credentials-unavailable = Le secret ne peut être ni lu ni écrit pour le moment. Le journal en dit plus.
problem-store-unavailable = Le stockage ne répond pas. Réessayez dans une minute.
problem-took-too-long = L’attente a été trop longue. L’action a peut-être quand même eu lieu : vérifiez avant de la répéter.
problem-internal = Une erreur est survenue ici. Le journal en dit plus.
problem-other = Cela n’a pas fonctionné : { $message }

players-off-by-variable = Ce serveur n’offre aucun lecteur : RENDERER_BIND vaut off. Utilisez le fournisseur Alexa de Music Assistant, ou démarrez ce serveur sans cette variable.
players-port-taken = Music Assistant ne trouve aucun Echo par lui-même : un autre programme occupe le port { $port }. Donnez à RENDERER_BIND un port libre.
players-at-home = Le programme ma-alexa bridge offre ces lecteurs à Music Assistant, dès qu’il tourne chez vous.
players-all-off = Music Assistant ne trouve aucun Echo par lui-même : tous sont désactivés comme lecteurs.
players-sign-in = Music Assistant trouvera vos Echo par lui-même dès que leur compte sera connecté.
players-no-network = Music Assistant ne peut pas trouver vos Echo : ce serveur n’a aucun réseau de chez vous.
players-not-announced = Music Assistant ne peut pas trouver vos Echo : ce serveur n’obtient pas le port UDP 1900, ou pas de multicast.
players-found = Trouvés par Music Assistant ou un autre contrôleur : { $found } Echo sur { $all }.
players-last = En dernier par { $address },
players-searched = Une recherche est arrivée ({ $ago }), mais aucun Echo n’a été demandé. Laissez Music Assistant joindre le port { $port } de ce serveur.
players-waiting = Music Assistant n’a pas encore cherché de lecteurs. Il le fait dans les cinq minutes.
players-checks = Rien ne vient ? Vérifiez ceci
players-check-provider = Dans Music Assistant, le fournisseur de lecteurs « DLNA » est activé, comme au départ.
players-check-docker = Dans Docker, les deux conteneurs ont le réseau de l’hôte (network_mode: host).
players-check-subnet = Music Assistant est dans le même réseau, et non dans un autre sous-réseau ou un Wi-Fi invité.
players-check-multicast = Le routeur et les points d’accès laissent passer le multicast.

settings-general = Général
settings-in-setup = Les adresses, le nom et les langues de la skill font partie de la configuration :
settings-phone = Sur votre téléphone
settings-phone-what = Ouvrez cette adresse sur votre téléphone, connectez-vous, et ajoutez-la à l’écran d’accueil.
settings-phone-code = Code QR de l’adresse
settings-phone-print = Imprimée, cette page ne contient que cette section : une petite feuille pour la cuisine.
settings-phone-none = Ce navigateur est venu par une adresse qu’un téléphone n’atteint pas. Ouvrez les pages par l’adresse de la machine dans votre réseau, ou prenez l’application de Home Assistant.
settings-access = Accès
settings-place = Les mots de passe sont conservés dans
settings-owner = Mot de passe du propriétaire
settings-owner-new = Un nouveau mot de passe déconnecte tous les navigateurs, celui-ci compris. Il est affiché une seule fois.
settings-ma = Mot de passe de Music Assistant
settings-ma-new = Saisissez le nouveau mot de passe dans Music Assistant, dans son fournisseur Alexa.
settings-password-new = Créer un nouveau mot de passe
settings-password-fixed = Une variable définit ce mot de passe. Modifiez-le là-bas.
settings-password-aws = Modifiez le secret « credentials » dans AWS Secrets Manager.
settings-new-title = Nouveau mot de passe
settings-owner-done = Tous les navigateurs sont déconnectés. Conservez ce mot de passe : il ne sera plus affiché.
settings-ma-done = Saisissez-le dans Music Assistant : l’ancien est maintenant refusé.
settings-backup = Sauvegarde
settings-backup-what = Un seul fichier avec l’état et tous les secrets. Il ouvre le compte Amazon : gardez-le en lieu sûr.
settings-backup-download = Télécharger une sauvegarde
settings-backup-aws = AWS conserve des sauvegardes de l’état. Voyez le document sur l’exploitation.
settings-restore = Pour la restaurer, arrêtez le programme et exécutez
settings-restore-add-on = Pour revenir à un état antérieur, restaurez ce module complémentaire depuis une sauvegarde de Home Assistant.
settings-report = Rapport pour une question
settings-report-what = Un seul fichier pour un ticket : vérifications, réglages, activité et lignes du journal. Il ne contient aucun secret.
settings-report-download = Télécharger le rapport
settings-about = À propos
settings-licence = Licence : Apache-2.0.
