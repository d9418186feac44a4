"""Plays media on a renderer as Home Assistant does, by the library that it has for that.

    media.py DESCRIPTION HOST MUSIC SPEECH FILE

plays MUSIC, then SPEECH over it, and waits until MUSIC is back; then plays FILE. HOST is the address for events. Writes
`speech` once that plays: then it has to end. Ends with a line `N steps`, or with an error. Needs `async-upnp-client`.
"""

import asyncio
import sys

from async_upnp_client.aiohttp import AiohttpNotifyServer, AiohttpRequester
from async_upnp_client.client_factory import UpnpFactory
from async_upnp_client.exceptions import UpnpActionError
from async_upnp_client.profiles.dlna import DmrDevice, TransportState

from renderer import Watched
from steps import end, step

PATIENCE = 30


async def play_media(renderer, address, title, names=None, upnp_class=None):
    """As `media_player.play_media` of Home Assistant's renderers does it."""
    metadata = await renderer.construct_play_media_metadata(
        media_url=address, media_title=title, override_upnp_class=upnp_class, meta_data=names
    )
    if renderer.can_stop:
        await renderer.async_stop()
    await renderer.async_set_transport_uri(address, title, metadata)
    # What plays by itself needs no command.
    if renderer.transport_state == TransportState.PLAYING:
        return
    await renderer.async_wait_for_can_play()
    await renderer.async_play()


async def plays(watched, address, what):
    """Waits until this address plays."""
    renderer = watched.renderer
    await watched.until(
        lambda: renderer.current_track_uri == address and renderer.transport_state == TransportState.PLAYING, what
    )


async def is_refused(renderer, address, code, mime_type=None):
    """An address is refused by a number, and what plays stays."""
    before = renderer.current_track_uri
    try:
        metadata = await renderer.construct_play_media_metadata(address, "x", override_mime_type=mime_type)
        await renderer.async_set_transport_uri(address, "x", metadata)
        sys.exit(f"{address} is taken")
    except UpnpActionError as error:
        step(error.error_code == code, f"{address}: {error}")
    step(renderer.current_track_uri == before, "what plays stays")


async def main(description, host, music, speech, file):
    """All steps."""
    requester = AiohttpRequester()
    device = await UpnpFactory(requester).async_create_device(description)
    server = AiohttpNotifyServer(requester, source=(host, 0))
    await server.async_start_server()
    watched = Watched(device, server.event_handler)
    renderer = watched.renderer
    await renderer.async_subscribe_services(auto_resubscribe=True)
    await watched.until(lambda: renderer.transport_state is not None, "the first event of the state")
    await play_media(renderer, music, "Music")
    await plays(watched, music, "the music plays")
    path = file.split("?")[0]
    for address, code in (
        (path + ".flac", 714),
        (path + ".mkv", 714),
        (file.replace("http://", "ftp://"), 714),
        ("http://radio.example.com/live.mp3", 716),
        ("https://radio.example.com:8443/live.mp3", 716),
        ("http://127.0.0.1/a.mp3", 716),
        ("http://localhost:5000/a.mp3", 716),
        ("http://[::1]/a.mp3", 716),
        ("http://[::ffff:10.77.0.2]/a.mp3", 716),
        ("http://169.254.169.254/latest/meta-data", 716),
        (file.replace("http://", "http://user:password@"), 716),
    ):
        await is_refused(renderer, address, code, mime_type="application/octet-stream")
    await is_refused(renderer, file, 714, mime_type="video/mp4")
    await play_media(renderer, speech, "Speech")
    await plays(watched, speech, "the speech plays")
    print("speech", flush=True)
    await plays(watched, music, "the music is back")
    await play_media(renderer, file, "File")
    await plays(watched, file, "the file plays")
    step(renderer.media_title == "File", f"the title is shown: {renderer.media_title}")
    await renderer.async_stop()
    await watched.until(lambda: renderer.transport_state == TransportState.STOPPED, "it is stopped")
    await renderer.async_unsubscribe_services()
    await server.async_stop_server()
    end()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
