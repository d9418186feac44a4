product = Music Assistant for Alexa
skip = Skip to the content
nav = Pages
nav-setup = Setup
nav-status = Home
nav-devices = Devices
nav-settings = Settings
nav-log = Log
nav-api = API
languages = Languages
themes = Colours
theme-system = System
theme-light = Light
theme-dark = Dark
log-out = Sign out
log-out-everywhere = Sign out everywhere
version = Version { $version }
to-start = To the first page
copied = Copied
copied-not = Your browser does not let this page copy. Select the text and copy it yourself.
unreachable = The server does not answer. Check that it runs, then try again.
copy = Copy
save = Save
cancel = Cancel

ago-now = just now
ago-minutes = { $count ->
    [one] a minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] an hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] a day ago
   *[other] { $count } days ago
}
in-minutes = { $count ->
    [one] in a minute
   *[other] in { $count } minutes
}
in-hours = { $count ->
    [one] in an hour
   *[other] in { $count } hours
}
in-days = { $count ->
    [one] in a day
   *[other] in { $count } days
}

login-title = Sign in
login-which = With the owner’s user name and password. At home, “ma-alexa password” prints them, and “ma-alexa link” prints a link that signs you in. In AWS you chose them when you deployed.
login-which-add-on = With the owner’s user name and password. In Home Assistant, open the panel Alexa, which needs no login. There, open Settings and make a new owner’s password.
login-username = User name
login-password = Password
login-button = Sign in
link-title = Sign in
link-which = This link signs this browser in as the owner. It works once, within 15 minutes.
link-button = Sign in
link-wrong = This link was used before, or is older than 15 minutes. For a new one, run “ma-alexa link” on the machine of the server, or in AWS “infra/deploy --passwords”.
link-wrong-add-on = This link was used before, or is older than 15 minutes. In Home Assistant, open the panel Alexa instead.
link-old-form = This page is too old, or your browser keeps no cookies. Open the link again; if that does not help, allow cookies for this page.
link-password = Sign in with the owner’s password
login-wrong = The user name or the password is wrong.
login-too-many = Too many user names or passwords were wrong. Wait a few seconds, then try again.
login-not-owner = These are Music Assistant’s user name and password. The pages need the owner’s.
login-old-form = This form is too old, or your browser keeps no cookies. Sign in again; if that does not help, allow cookies for this page.
login-logged-out = You are signed out.
login-logged-out-everywhere = You are signed out on every browser.
login-logged-out-here = This browser is signed out, but the store did not answer. A copy of its cookie works for 12 hours at most. Sign in again later, then sign out everywhere.

error-not-found-title = There is no such page
error-not-found = The address may have a typing error, or what it showed is gone.
error-forbidden-title = Nothing was changed
error-forbidden = This did not come from a page of this session. Go back, load the page again and try once more. Behind a proxy, let it pass on the host name. Or start this server with API_URL, the address that you type into the browser.
error-malformed-title = That cannot be read
error-malformed = The form does not fit its page. Go back, load the page again and try once more.
error-internal-title = Something went wrong here
error-internal = It is a fault of this program. Try again; the log says more.
error-credentials-title = Login is not possible
error-credentials = The user names and passwords of this server cannot be read. The log of the server says how to mend that. Then load the page again.
error-store-title = The store does not answer
error-store-full-title = The disk is full
error-store-full = Nothing can be kept, so no music starts and no setting is saved. Free some space on the machine that runs this program, then load the page again.
error-store = Players, Echos and settings cannot be read at the moment. Try again in a minute; if that does not help, the log says more.
error-late-title = This took too long
error-late = A service that was needed did not answer in time. It may be done all the same: look before you do it once more. The log says who did not answer.
error-other-title = That did not work
error-other = This is what is known:

echo-unnamed = Echo { $hash }
paired-learned = learned from its first play
paired-voice = said to it
paired-manual = chosen by hand
paired-code = paired by itself, with a code

problem-not-signed-in = No Amazon account is signed in. Sign in on the setup page.
problem-sign-in-again = Amazon has ended the sign-in. Sign in again on the setup page.
problem-session-refused = Amazon does not accept a session that it renewed a moment ago. Try again in a few minutes; if that does not help, sign in again on the setup page.
problem-device-unknown = The Amazon account has no such device any more.
problem-device-offline = Amazon does not reach the device. Check that it has power and Wi-Fi.
problem-not-controllable = The device cannot do that, or not now.
problem-throttled = Amazon takes no more for now. Try again in a few minutes.
problem-amazon-changed = Amazon answers something that this release does not know. Look for a newer release.
problem-amazon-unavailable = Amazon does not answer, or has a problem. Try again in a few minutes.
problem-amazon-certificate = Something on the way answers in Amazon's place, and its certificate is not accepted. It may be a filter that opens encrypted connections. Let addresses of Amazon past it.
problem-may-be-done = Amazon did not say whether it was done; it may have been all the same. Look or listen before you do it once more.
problem-login-not-begun = No sign-in is under way. Begin again.
problem-login-wrong-address = That is not the address of the page after signing in. Copy the whole address of the page that is not found.
problem-login-address-used = This address completed a sign-in before. Begin again.
problem-login-address-expired = Amazon does not take this address any more: it works for five minutes. Begin again.
problem-playback-failed = The Echo could not play the stream.
problem-did-not-play = The Echo did not play what it was told to, or ended it with an error. Test its sound on this page.
problem-serves-no-renderers = These functions have no bridge, so no home offers players to Music Assistant. Deploy this release with infra/deploy, and start ma-alexa bridge at home.
problem-no-bridge = This deployment has no bridge; only functions in AWS do.
problem-not-waiting = No request of this id waits for a reply, or not any more.
problem-ticket-unavailable = AWS gives no keys of the queue; the log says why.
problem-never-asked = The Echo got the sentence, and never called the skill. Check that the skill is enabled on the account of this Echo, and that it has the Echo’s language.
problem-player-unknown = There is no such player any more.
problem-echo-unknown = This Echo has not asked for music for long. Say “Alexa, open music assistant” to it.
problem-music-assistant-not-connected = Music Assistant is not connected. Connect it on the setup page, in the step Music Assistant.
problem-music-assistant-unreachable = Music Assistant does not answer at this address. Check that it runs, and that address and port are right. The port is 8095 as a rule.
problem-music-assistant-slow = Music Assistant does not answer in time. It may be done all the same: look before you do it once more.
problem-music-assistant-signed-out = Music Assistant does not accept the token, or needs one. Connect it again with your user name and password.
problem-music-assistant-login-refused = Music Assistant does not accept this user name and password. After many wrong ones, wait a few minutes.
problem-music-assistant-not-allowed = This user may not control players. Take one with the role user or admin, and no guest.
problem-music-assistant-failed = Music Assistant could not do it. Its log says why.
problem-music-assistant-unexpected = No Music Assistant that this release knows answers at this address. Take the address of its pages, and update both programs.
problem-media-refused = No Echo can play what was asked for. It plays MP3, AAC and lists at public https addresses. Files of the home need the door: set it up in the step Public address. Exactly: { $message }
problem-media-not-fetched = The door got no sound at the address that was asked for. Check that its machine runs, and that it has an IPv4 address in your home. Exactly: { $message }
problem-music-unknown = Music Assistant has no such music.
problem-invalid-request = That cannot be taken as it is: { $message }
problem-credentials-unavailable = The secret cannot be read or written at the moment. The log says more.
problem-store-unavailable = The store does not answer. Try again in a minute.
problem-took-too-long = This took too long. It may be done all the same: look before you do it once more.
problem-internal = Something went wrong here. The log says more.
problem-other = That did not work: { $message }

players-off-by-variable = This server offers no players: RENDERER_BIND is off. Use Music Assistant’s Alexa provider, or start this server without that variable.
players-port-taken = Music Assistant finds no Echo by itself: another program has port { $port }. Set RENDERER_BIND to a free port.
players-at-home = The program ma-alexa bridge at your home offers these players to Music Assistant, as soon as it runs there.
players-all-off = Music Assistant finds no Echo by itself: all are switched off as players.
players-sign-in = Music Assistant finds your Echos by itself once you are signed in to their account.
players-no-network = Music Assistant cannot find your Echos: this server is in no network of your home.
players-not-announced = Music Assistant cannot find your Echos: this server gets no UDP port 1900, or no multicast.
players-found = Found by Music Assistant, or another controller: { $found } of { $all } Echos.
players-last = Last from { $address },
players-searched = A search came ({ $ago }), but no Echo was asked for. Let Music Assistant reach port { $port } of this server.
players-waiting = Music Assistant has not searched for players yet. It does so within five minutes.
players-checks = Nothing comes? Check this
players-check-provider = In Music Assistant, the player provider “DLNA” is on, as it is at first.
players-check-docker = In Docker, both containers have the network of the host (network_mode: host).
players-check-subnet = Music Assistant is in the same network, not in another subnet or a guest Wi-Fi.
players-check-multicast = The router and the access points let multicast through.

settings-general = General
settings-in-setup = Addresses, the name and the languages of the skill are part of the setup:
settings-phone = On your phone
settings-phone-what = Open this address on your phone, sign in, and add it to the home screen.
settings-phone-code = QR code of the address
settings-phone-print = Printed, this page has this section alone: a small sheet for the kitchen.
settings-phone-none = This browser came by an address that a phone does not reach. Open the pages by the address of the machine in your network, or use the Home Assistant app.
settings-access = Access
settings-place = The passwords are kept in
settings-owner = Owner’s password
settings-owner-new = A new one logs every browser out, also this one. It is shown once.
settings-ma = Password of Music Assistant
settings-ma-new = A new one has to be entered in Music Assistant, in its Alexa provider.
settings-password-new = Make a new password
settings-password-fixed = A variable sets this password. Change it there.
settings-password-aws = Change the secret “credentials” in AWS Secrets Manager.
settings-new-title = New password
settings-owner-done = Every browser is signed out. Keep this password: it is not shown again.
settings-ma-done = Enter it in Music Assistant: the old one is refused now.
settings-backup = Backup
settings-backup-what = One file with the state and all secrets. It opens the Amazon account, so keep it safe.
settings-backup-download = Download a backup
settings-backup-aws = AWS keeps backups of the state. See the document on operations.
settings-restore = To restore it, stop the program and run
settings-restore-add-on = To restore an earlier state, restore this add-on from a backup of Home Assistant.
settings-report = Report for a question
settings-report-what = One file for an issue: checks, settings, activity and log lines. It has no secret.
settings-report-download = Download the report
settings-about = About
settings-licence = Licence: Apache-2.0.
