"""Finds, commands and watches a media renderer by the library that Music Assistant and Home Assistant have for it.

    renderer.py PORT

searches at 127.0.0.1:PORT. The library reads strictly. Writes `subscribed` once the renderer's events come; then
its volume has to become 44 by another hand. Ends with a line `N steps`, or with an error. Needs `async-upnp-client`.
"""

import asyncio
import sys

from async_upnp_client.aiohttp import AiohttpNotifyServer, AiohttpRequester
from async_upnp_client.client_factory import UpnpFactory
from async_upnp_client.exceptions import UpnpActionError
from async_upnp_client.profiles.dlna import DmrDevice, TransportState
from async_upnp_client.search import async_search

from steps import end, step

PATIENCE = 30

# As Music Assistant writes it: the address in `dc:queueItemId` is not escaped.
DIDL = (
    '<DIDL-Lite xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/">'
    '<item id="1" parentID="0"><dc:title>One &amp; two</dc:title><upnp:artist>Three</upnp:artist>'
    "<upnp:album>Four</upnp:album><upnp:albumArtURI>http://192.168.1.5:8095/a?b=1&amp;c=2</upnp:albumArtURI>"
    "<dc:queueItemId>http://192.168.1.5:8097/flow/a.mp3?b=1&c=2</dc:queueItemId>"
    "<upnp:class>object.item.audioItem.audioBroadcast</upnp:class>"
    '<res duration="0:03:25" protocolInfo="http-get:*:audio/mpeg:*">http://192.168.1.5/a</res></item></DIDL-Lite>'
)
ADDRESS = "http://192.168.1.5:8097/flow/a.mp3?b=1&c=2"


async def find(port):
    """The address of the first description that a search finds."""
    found = asyncio.Queue()
    types = DmrDevice.DEVICE_TYPES
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while found.empty() and asyncio.get_running_loop().time() < deadline:
        await async_search(
            found.put, timeout=1, search_target=types[0], source=("127.0.0.1", 0), target=("127.0.0.1", port)
        )
    headers = await asyncio.wait_for(found.get(), PATIENCE)
    step(headers["ST"] in types, f"a renderer is found, not {headers}")
    step(headers["USN"].startswith("uuid:"), f"it has a name: {headers}")
    return headers["LOCATION"]


class Watched:
    """A renderer whose events are waited for."""

    def __init__(self, device, handler):
        self.renderer = DmrDevice(device, handler)
        self.changed = asyncio.Event()
        self.renderer.on_event = lambda _service, _variables: self.changed.set()

    async def until(self, holds, what):
        """Waits for an event after which this holds."""

        async def wait():
            while not holds():
                self.changed.clear()
                await self.changed.wait()

        try:
            await asyncio.wait_for(wait(), PATIENCE)
        except asyncio.TimeoutError:
            sys.exit(f"no event came: {what}")
        step(True, what)


async def play(watched):
    """A play as Music Assistant does it."""
    renderer = watched.renderer
    step(not renderer.can_stop, "there is nothing to stop")
    await renderer.async_stop()
    await renderer.async_set_transport_uri(ADDRESS, "title", meta_data=DIDL)
    await renderer.async_wait_for_can_play(10)
    step(renderer.can_play, "it may be played")
    await renderer.async_play()
    await watched.until(lambda: renderer.transport_state == TransportState.PLAYING, "it plays")
    await watched.until(lambda: renderer.media_title == "One & two", "the title is shown")
    step(renderer.current_track_uri == ADDRESS, f"the address is shown as it was: {renderer.current_track_uri}")
    step(renderer.av_transport_uri == ADDRESS, "so is that of the queue")
    step(renderer.media_artist == "Three" and renderer.media_album_name == "Four", "artist and album are shown")
    step(renderer.media_image_url == "http://192.168.1.5:8095/a?b=1&c=2", f"picture: {renderer.media_image_url}")
    await renderer.async_update()
    step(renderer.media_duration == 205, f"length: {renderer.media_duration}")
    step(renderer.media_position == 61, f"position: {renderer.media_position}")
    await renderer.async_set_next_transport_uri(ADDRESS + "&next", "title", meta_data=DIDL)
    step(renderer.can_pause, "it may be paused")
    await renderer.async_pause()
    await watched.until(lambda: renderer.transport_state == TransportState.PAUSED_PLAYBACK, "it is paused")
    await renderer.async_play()
    await watched.until(lambda: renderer.transport_state == TransportState.PLAYING, "it plays again")
    await renderer.async_stop()
    await watched.until(lambda: renderer.transport_state == TransportState.STOPPED, "it is stopped")


async def volume(watched):
    """Volume and mute, by this hand and by another."""
    renderer = watched.renderer
    await renderer.async_set_volume_level(0.25)
    await watched.until(lambda: renderer.volume_level == 0.25, "the volume is set")
    await renderer.async_mute_volume(True)
    await watched.until(lambda: renderer.is_volume_muted is True, "it is muted")
    print("subscribed", flush=True)
    await watched.until(lambda: renderer.volume_level == 0.44, "another hand sets the volume")


async def main(port):
    """All steps."""
    requester = AiohttpRequester()
    location = await find(port)
    device = await UpnpFactory(requester).async_create_device(location)
    step(DmrDevice.is_profile_device(device), "it is a renderer with all services")
    step(device.icons, "it has a picture")
    server = AiohttpNotifyServer(requester, source=("127.0.0.1", 0))
    await server.async_start_server()
    watched = Watched(device, server.event_handler)
    renderer = watched.renderer
    await renderer.async_subscribe_services(auto_resubscribe=True)
    await watched.until(lambda: renderer.volume_level is not None, "the first event of the volume")
    await watched.until(lambda: renderer.transport_state is not None, "the first event of the state")
    for name in (
        "has_play has_stop has_pause has_next has_previous has_play_media has_next_transport_uri has_volume_level "
        "has_volume_mute has_get_protocol_info"
    ).split():
        step(getattr(renderer, name), name)
    step(not renderer.has_seek_rel_time and not renderer.has_seek_abs_time, "it cannot seek")
    sink = (await renderer.async_get_protocol_info())["sink"]
    step(sink[0] == "http-get:*:audio/mpeg:*" and "http-get:*:audio/mp4:*" in sink, f"it takes MP3 first: {sink}")
    await play(watched)
    await volume(watched)
    try:
        await renderer.profile_device.service_id("urn:upnp-org:serviceId:AVTransport").action("Next").async_call(
            InstanceID=0
        )
        sys.exit("a next item is played")
    except UpnpActionError as error:
        step(error.error_code == 701, f"there is no next one: {error}")
    await renderer.async_unsubscribe_services()
    await server.async_stop_server()
    end()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
