token-title = Jetons pour les scripts
token-what = Un script ou Home Assistant appelle l’API HTTP avec un jeton : il n’a besoin d’aucun mot de passe.
token-none = Il n’y a aucun jeton.
token-unread = Les jetons ne peuvent pas être lus. Le journal dit pourquoi.
token-name = Nom
token-name-hint = L’usage du jeton, par exemple « Home Assistant ».
token-name-wrong = Donnez au jeton un nom de 1 à 64 caractères.
token-name-taken = Un autre jeton porte ce nom. Choisissez-en un autre, ou révoquez d’abord ce jeton.
token-scope = Que peut-il faire ?
token-scope-control = Consulter et commander
token-scope-control-hint = Lecteurs, file d’attente, recherche, Echo, volume et annonces.
token-scope-everything = Tout
token-scope-everything-hint = Aussi la configuration, et toute phrase à un Echo, donc aussi un achat. Mais ni mots de passe, ni jetons, ni sauvegardes.
token-make = Créer un jeton
token-done = Le jeton « { $name } » est créé. Conservez-le : il ne sera plus affiché.
token-one = Jeton
token-try = Essayez-le :
token-made-ago = Créé { $ago }.
token-used-never = Pas encore utilisé.
token-used-today = Utilisé pour la dernière fois aujourd’hui.
token-used-days = { $count ->
    [one] Utilisé pour la dernière fois hier.
   *[other] Utilisé pour la dernière fois il y a { $count } jours.
}
token-revoke = Révoquer
token-revoked = Le jeton « { $name } » est révoqué. Il n’ouvre plus rien.
token-password = Ni un nouveau mot de passe ni « Se déconnecter partout » ne révoquent un jeton. Révoquez chacun de ceux qui pourraient être en de mauvaises mains.
token-still-valid = Les jetons pour les scripts fonctionnent toujours. Avez-vous changé le mot de passe parce que d’autres le connaissent ? Révoquez alors les jetons que vous ne connaissez pas :
problem-token-unknown = Ce jeton n’existe plus.
problem-too-many-tokens = Il y a 16 jetons, et il n’en est pas conservé davantage. Révoquez-en d’abord un.
update-there = La version { $version } est disponible.
update-how = Comment mettre à jour
update-on = Une fois par jour, ce programme demande à GitHub la version la plus récente. Il n’envoie que la question. Aucune version plus récente n’est connue. UPDATE_CHECK=off y met fin.
update-on-newer = Une fois par jour, ce programme demande à GitHub la version la plus récente. Il n’envoie que la question. Une version plus récente est disponible : voyez le bas de la page. UPDATE_CHECK=off y met fin.
update-off = Ce programme ne demande à personne s’il y a une version plus récente. Avec la variable UPDATE_CHECK=on, il le demande à GitHub une fois par jour et le dit ici. Il n’envoie que la question.
update-nowhere = UPDATE_CHECK est activé, mais cette version compilée ne nomme aucun dépôt. Elle ne demande donc rien à personne.
update-aws = Une version plus récente arrive avec le prochain « infra/deploy ». Les fonctions ne demandent rien à personne.
update-add-on = Home Assistant signale une version plus récente de ce module complémentaire. Ce programme ne demande rien à personne.
