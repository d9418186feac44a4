product = Music Assistant for Alexa
skip = Skip to the content
nav = Pages
nav-setup = Setup
nav-status = Status
nav-devices = Devices
languages = Languages
log-out = Log out
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

login-title = Log in
login-which = With the owner’s user name and password. They were printed on the first start, or you chose them when you deployed.
login-username = User name
login-password = Password
login-button = Log in
login-wrong = The user name or the password is wrong.
login-not-owner = These are Music Assistant’s user name and password. The pages need the owner’s.
login-old-form = This form is too old, or your browser keeps no cookies. Log in again; if that does not help, allow cookies for this page.
login-logged-out = You are logged out.

error-not-found-title = There is no such page
error-not-found = The address may have a typing error, or what it showed is gone.
error-forbidden-title = Nothing was changed
error-forbidden = This did not come from a page of this session. Go back, load the page again and try once more. Behind a proxy, let it pass on the host name, or set API_URL to the address that you type into the browser.
error-malformed-title = That cannot be read
error-malformed = The form has something else in it than its page. Go back, load the page again and try once more.
error-internal-title = Something went wrong here
error-internal = It is a fault of this program. Try again; the log says more.
error-credentials-title = Nobody can log in
error-credentials = The user names and passwords of this server cannot be read. Set them up like this, and load the page again:
error-store-title = The store does not answer
error-store = Players, Echos and settings cannot be read at the moment. Try again in a minute; if it stays, the log says more.
error-other-title = That did not work
error-other = This is what is known:
