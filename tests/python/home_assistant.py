"""Has an Echo as a media player, as the integration `dlna_dmr` of Home Assistant does it, by the library of both.

    home_assistant.py UDN HOST FIRST SECOND

finds the renderer UDN (without `uuid:`) by a search from HOST, which is also the address for events. Plays FIRST, with all
names that the integration sends, pauses it, sets volume and mute, plays SECOND over it, and stops. Ends with a line
`N steps`, or with an error. Needs `async-upnp-client`.
"""

import asyncio
import sys

from async_upnp_client.aiohttp import AiohttpNotifyServer, AiohttpRequester
from async_upnp_client.client_factory import UpnpFactory
from async_upnp_client.profiles.dlna import DmrDevice, PlayMode, TransportState
from async_upnp_client.profiles.profile import find_device_of_type

from media import play_media
from renderer import Watched
from steps import end, step

# How long the renderer may take to be offered.
TO_BE_FOUND = 60


async def find(udn, host):
    """What a search says of the renderer, for each type of a device that the integration knows."""
    deadline = asyncio.get_running_loop().time() + TO_BE_FOUND
    while asyncio.get_running_loop().time() < deadline:
        for headers in await DmrDevice.async_search(source=(host, 0), timeout=1):
            if headers["USN"].startswith(f"uuid:{udn}::"):
                return headers
    sys.exit(f"{udn} is not found")


def features(renderer):
    """What the media player can do at this moment, as the integration reads it."""
    modes = renderer.valid_play_modes
    has = {
        "volume_set": renderer.has_volume_level,
        "volume_mute": renderer.has_volume_mute,
        "play": renderer.can_play,
        "pause": renderer.can_pause,
        "stop": renderer.can_stop,
        "previous": renderer.can_previous,
        "next": renderer.can_next,
        "play_media": renderer.has_play_media,
        "seek": renderer.can_seek_rel_time,
        "shuffle": modes & {PlayMode.RANDOM, PlayMode.SHUFFLE},
        "repeat": modes & {PlayMode.REPEAT_ONE, PlayMode.REPEAT_ALL},
        "sound_mode": renderer.has_presets,
    }
    return {name for name, is_there in has.items() if is_there}


def formats(renderer):
    """The types by which the integration filters what its media browser shows."""
    parts = [info.split(":", 3) for info in renderer.sink_protocol_info]
    return {part[2].lower().replace("/x-", "/", 1).partition(";")[0] for part in parts}


async def is_in(watched, state, what):
    await watched.until(lambda: watched.renderer.transport_state == state, what)


async def plays(watched, address, what):
    renderer = watched.renderer
    await watched.until(
        lambda: renderer.current_track_uri == address and renderer.transport_state == TransportState.PLAYING, what
    )


async def set_up(udn, host, requester):
    """The entry of the integration: found, confirmed, and connected by its address."""
    found = await find(udn, host)
    step(found["ST"] in DmrDevice.DEVICE_TYPES, f"the type is one that is searched for: {found['ST']}")
    step(found["USN"] == f"uuid:{udn}::{found['ST']}", f"the entity has a unique id: {found['USN']}")
    step(int(found["BOOTID.UPNP.ORG"]) >= 0, "a restart is seen by its number")
    device = await UpnpFactory(requester).async_create_device(found["LOCATION"])
    step(DmrDevice.is_profile_device(device), "it has the services of a media player")
    services = {service.service_id for service in device.services.values()}
    step(DmrDevice.SERVICE_IDS.issubset(services), f"the search is confirmed by {services}")
    own = find_device_of_type(device, DmrDevice.DEVICE_TYPES)
    step(own is not None and own.udn == f"uuid:{udn}", "so is an address that a person enters")
    return device


async def play(watched, first):
    """A play with names, and what the card of the media player does."""
    renderer = watched.renderer
    metadata = {
        "artist": "Joni Mitchell",
        "album": "Blue",
        "originalTrackNumber": 3,
        "album_art_uri": "http://192.168.1.5:8123/local/blue.jpg",
    }
    await play_media(renderer, first, "Little Green", metadata, "object.item.audioItem.musicTrack")
    await plays(watched, first, "it plays")
    names = (renderer.media_title, renderer.media_artist, renderer.media_album_name)
    step(names == ("Little Green", "Joni Mitchell", "Blue"), f"names: {names}")
    step(renderer.media_image_url == metadata["album_art_uri"], f"picture: {renderer.media_image_url}")
    step({"pause", "stop"} <= features(renderer), f"while it plays: {features(renderer)}")
    await renderer.async_update(do_ping=True)
    step(renderer.media_position is not None, "its position is asked for")
    await renderer.async_pause()
    await is_in(watched, TransportState.PAUSED_PLAYBACK, "it is paused")
    step("play" in features(renderer), "it may go on")
    await renderer.async_play()
    await plays(watched, first, "it plays again")


async def volume(watched):
    renderer = watched.renderer
    await renderer.async_set_volume_level(0.3)
    await watched.until(lambda: renderer.volume_level == 0.3, "the volume is set")
    await renderer.async_mute_volume(True)
    await watched.until(lambda: renderer.is_volume_muted is True, "it is muted")
    await renderer.async_mute_volume(False)
    await watched.until(lambda: renderer.is_volume_muted is False, "it is heard again")


async def main(udn, host, first, second):
    """All steps."""
    requester = AiohttpRequester()
    device = await set_up(udn, host, requester)
    server = AiohttpNotifyServer(requester, source=(host, 0))
    await server.async_start_server()
    watched = Watched(device, server.event_handler)
    renderer = watched.renderer
    await renderer.async_subscribe_services(auto_resubscribe=True)
    await watched.until(lambda: renderer.transport_state is not None, "the first event of the state")
    await renderer.async_update()
    at_rest = {"volume_set", "volume_mute", "play_media"}
    step(features(renderer) == at_rest, f"at rest: {features(renderer)}")
    step(formats(renderer) >= {"audio/mpeg", "audio/mp4"}, f"the media browser shows {formats(renderer)}")
    step(not any(kind.startswith("video") for kind in formats(renderer)), "and no films")
    await play(watched, first)
    await volume(watched)
    await play_media(renderer, second, "Home Assistant")
    await plays(watched, second, "another one plays instead")
    await renderer.async_stop()
    await is_in(watched, TransportState.STOPPED, "it is stopped")
    step(not features(renderer) & {"seek", "shuffle", "repeat", "sound_mode", "next", "previous"}, "it has no more")
    await renderer.async_unsubscribe_services()
    step(not renderer.is_subscribed, "the entity is removed")
    await server.async_stop_server()
    end()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
