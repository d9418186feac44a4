token-title = Jetons pour les scripts
token-what = Un script ou Home Assistant appelle l’API HTTP avec un jeton : il n’a besoin d’aucun mot de passe.
token-none = Il n’y a aucun jeton.
token-unread = Les jetons ne peuvent pas être lus. Le journal dit pourquoi.
token-name = Nom
token-name-hint = L’usage du jeton, par exemple « Home Assistant ».
token-name-wrong = Donnez au jeton un nom de 1 à 64 caractères.
token-name-taken = Un autre jeton porte ce nom. Choisissez-en un autre, ou révoquez d’abord ce jeton.
token-scope = Que peut-il faire ?
token-scope-control = Consulter et commander
token-scope-control-hint = Lecteurs, file d’attente, recherche, Echo, volume et annonces.
token-scope-everything = Tout
token-scope-everything-hint = Aussi la configuration, et toute phrase à un Echo, donc aussi un achat. Mais ni mots de passe, ni jetons, ni sauvegardes.
token-make = Créer un jeton
token-done = Le jeton « { $name } » est créé. Conservez-le : il ne sera plus affiché.
token-one = Jeton
token-try = Essayez-le :
token-made-ago = Créé { $ago }.
token-used-never = Pas encore utilisé.
token-used-today = Utilisé pour la dernière fois aujourd’hui.
token-used-days = { $count ->
    [one] Utilisé pour la dernière fois hier.
   *[other] Utilisé pour la dernière fois il y a { $count } jours.
}
token-revoke = Révoquer
token-revoked = Le jeton « { $name } » est révoqué. Il n’ouvre plus rien.
token-password = Ni un nouveau mot de passe ni « Se déconnecter partout » ne révoquent un jeton. Révoquez chacun de ceux qui pourraient être en de mauvaises mains.
token-still-valid = Les jetons pour les scripts fonctionnent toujours. Avez-vous changé le mot de passe parce que d’autres le connaissent ? Révoquez alors les jetons que vous ne connaissez pas :
problem-token-unknown = Ce jeton n’existe plus.
problem-too-many-tokens = Il y a 16 jetons, et il n’en est pas conservé davantage. Révoquez-en d’abord un.
