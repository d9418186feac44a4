"""Walks all that the library of Home Assistant has for a media renderer, at one renderer.

    conformance.py UDN HOST MUSIC SHORT

UDN is the name of the renderer without `uuid:`, HOST the address for searches and events. MUSIC lasts 60 s, SHORT 8 s.
Writes `over` once SHORT may end, where it does not end by itself. The last line is a JSON object: each feature, and
how it behaved. Ends with an error where the library has a public member that is not walked.
Needs `async-upnp-client`.
"""

import asyncio
import sys
from datetime import timedelta

from async_upnp_client.aiohttp import AiohttpNotifyServer, AiohttpRequester
from async_upnp_client.client_factory import UpnpFactory
from async_upnp_client.const import HttpRequest
from async_upnp_client.profiles.dlna import DmrDevice, PlayMode, TransportState

from walk import TRANSPORT, Walk

# How long a renderer may take to be found. Debian's tries for a minute to have its network.
TO_BE_FOUND = 60
# How long SHORT may take to end, and how long that is waited for which must not come.
TO_END = 20
TO_STAY_SILENT = 2

DIDL = (
    '<DIDL-Lite xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/">'
    '<item id="1" parentID="0" restricted="1"><dc:title>One &amp; two</dc:title><dc:creator>Three</dc:creator>'
    "<upnp:artist>Three</upnp:artist><upnp:albumArtist>Four</upnp:albumArtist><upnp:album>Five</upnp:album>"
    "<upnp:albumArtURI>http://192.168.1.5:8095/a?b=1&amp;c=2</upnp:albumArtURI>"
    "<upnp:programTitle>Six</upnp:programTitle><upnp:seriesTitle>Seven</upnp:seriesTitle>"
    "<upnp:episodeSeason>8</upnp:episodeSeason><upnp:episodeNumber>9</upnp:episodeNumber>"
    "<upnp:episodeCount>10</upnp:episodeCount><upnp:channelName>Eleven</upnp:channelName>"
    "<upnp:channelNumber>12</upnp:channelNumber><upnp:class>object.item.audioItem.musicTrack</upnp:class>"
    '<res duration="0:01:00" protocolInfo="http-get:*:audio/mpeg:*">{address}</res></item></DIDL-Lite>'
)

IDENTITY = "name manufacturer model_description model_name model_number serial_number"
HAS = (
    "has_play has_stop has_pause has_next has_previous has_seek_rel_time has_seek_abs_time has_play_media "
    "has_next_transport_uri has_play_mode has_volume_level has_volume_mute has_presets has_get_protocol_info "
    "has_brightness_level has_contrast_level has_sharpness_level has_color_temperature_level"
)
CAN = "can_play can_stop can_pause can_next can_previous can_seek_rel_time can_seek_abs_time"
STATE = "state transport_state play_mode"
NAMES = (
    "media_class media_title media_artist media_album_artist media_album_name media_image_url "
    "media_program_title media_series_title media_season_number media_episode_number media_episode_count "
    "media_channel_name media_channel_number media_track_number media_playlist_title "
    "current_track_uri av_transport_uri"
)
# The actions by which the library reads what came in no event.
READS = (
    "GetTransportInfo GetPositionInfo GetMediaInfo GetDeviceCapabilities GetTransportSettings "
    "GetCurrentTransportActions"
)
# Formats of which a list of all would be long.
FORMATS = ("audio/mpeg", "audio/mp4", "audio/aac", "audio/flac", "audio/ogg", "audio/x-wav", "video/mp4", "image/jpeg")


async def find(udn, host):
    """The address of the description that a search finds."""
    deadline = asyncio.get_running_loop().time() + TO_BE_FOUND
    while asyncio.get_running_loop().time() < deadline:
        for headers in await DmrDevice.async_search(source=(host, 0), timeout=1):
            if headers["USN"].startswith(f"uuid:{udn}::"):
                return headers["LOCATION"]
    sys.exit(f"{udn} is not found")


async def identity(walk, udn):
    """Who it is, and what it has."""
    renderer = walk.renderer
    # `async_discover` is another name of `async_search`, which found it.
    walk.walked |= {"async_search", "async_discover", "is_profile_device", "udn", "device_type", "icon"}
    walk.walked |= set(IDENTITY.split())
    walk.note("is_profile_device", DmrDevice.is_profile_device(renderer.device))
    walk.note("udn", "as it was found" if renderer.udn == f"uuid:{udn}" else renderer.udn)
    walk.note("device_type", renderer.device_type)
    for name in IDENTITY.split():
        walk.note(name, "a text" if getattr(renderer, name) else None)
    picture = None
    if renderer.icon:
        # Without the picture: the library takes all that it gets for text.
        request = HttpRequest("HEAD", renderer.icon, {}, None)
        answer = await renderer.profile_device.requester.async_http_request(request)
        picture = f"{answer.status_code} {answer.headers['Content-Type']}"
    walk.note("icon", picture)
    walk.read(HAS, "in its description")
    walk.read("valid_play_modes", "in its description")
    modes = walk.service(TRANSPORT).state_variable("A_ARG_TYPE_SeekMode").normalized_allowed_values
    walk.note("modes of Seek", sorted(modes))


async def first_events(walk):
    """A subscription, and the variables that its first events bring."""
    await walk.call("async_subscribe_services", "for the first time")
    walk.read("is_subscribed", "subscribed")
    await walk.shows("the first ones", lambda: all(walk.sent(service) for service in walk.services()))
    for service in walk.services():
        for name in walk.sent(service):
            walk.note(f"first event of {service}: {name}", True)


async def at_rest(walk):
    """What it shows before it has anything to play, and how it refuses."""
    walk.read(f"{STATE} {CAN} {NAMES}", "at rest")
    await walk.call("async_update", "at rest")
    walk.read("media_duration media_position media_position_updated_at", "at rest")
    walk.note("volume_level is known, at rest", walk.renderer.volume_level is not None)
    walk.read("is_volume_muted preset_names", "at rest")
    await walk.command("Stop", "at rest")
    await walk.command("Pause", "at rest")
    await walk.command("Play", "at rest", Speed="1")
    await walk.call("async_stop", "at rest")


async def formats(walk):
    """What it takes."""
    renderer = walk.renderer
    walk.walked |= {"async_get_protocol_info", "source_protocol_info", "sink_protocol_info"}
    told = await renderer.async_get_protocol_info()
    walk.note("source_protocol_info", told["source"])
    shown = {"source": renderer.source_protocol_info, "sink": renderer.sink_protocol_info}
    walk.note("protocol info as properties", told == shown)
    types = {entry.split(":")[2] for entry in told["sink"]}
    for name in FORMATS:
        walk.note(f"sink_protocol_info: {name}", name in types)


async def loudness(walk):
    """Volume and mute, presets and picture."""
    renderer = walk.renderer
    for level in (0.25, 0.0, 1.0, 0.5):
        await walk.call("async_set_volume_level", f"to {level}", level)
        await walk.shows(f"volume {level}", lambda: renderer.volume_level == level)
    await walk.call("async_mute_volume", "on", True)
    await walk.shows("muted", lambda: renderer.is_volume_muted is True)
    walk.read("volume_level", "muted")
    await walk.call("async_mute_volume", "off", False)
    await walk.shows("not muted", lambda: renderer.is_volume_muted is False)
    walk.read("volume_level", "not muted")
    await walk.call("async_select_preset", "FactoryDefaults", "FactoryDefaults")
    for level in ("brightness", "contrast", "sharpness", "color_temperature"):
        walk.read(f"{level}_level", "at rest")
        await walk.call(f"async_set_{level}_level", "0.5", 0.5)
    for mode in (PlayMode.NORMAL, PlayMode.SHUFFLE):
        await walk.call("async_set_play_mode", mode.name, mode)


async def play(walk, music):
    """An item from its address to its stop."""
    renderer = walk.renderer
    await walk.call("async_set_transport_uri", "at rest", music, "title", DIDL.format(address=music))
    await walk.call("async_wait_for_can_play", "with an item")
    await walk.shows("the address", lambda: renderer.av_transport_uri == music)
    walk.read(f"{STATE} {CAN}", "with an item")
    await walk.call("async_play", "with an item")
    await walk.is_in(TransportState.PLAYING, "after Play")
    await walk.shows("the title", lambda: renderer.media_title is not None)
    walk.read(f"{STATE} {CAN} {NAMES}", "playing")
    await walk.moves("playing")
    walk.read("media_duration", "playing")
    for name in READS.split():
        await walk.command(name, "playing")
    for name in ("GetVolume", "GetMute"):
        await walk.command(name, "playing", of="RenderingControl", Channel="Master")
    await walk.call("async_pause", "playing")
    await walk.is_in(TransportState.PAUSED_PLAYBACK, "after Pause")
    walk.read(f"{STATE} {CAN}", "paused")
    await walk.command("Pause", "paused")
    await walk.call("async_play", "paused")
    await walk.is_in(TransportState.PLAYING, "after Pause and Play")
    await walk.command("Play", "playing", Speed="1")
    for mode in ("rel", "abs"):
        await walk.call(f"async_seek_{mode}_time", "playing", timedelta(seconds=50))
        await walk.command("Seek", f"{mode.upper()}_TIME", Unit=f"{mode.upper()}_TIME", Target="0:00:50")
    await walk.call("async_update", "after a Seek")
    walk.note("position after a Seek", await walk.reaches(50, TO_STAY_SILENT))
    for name in ("next", "previous"):
        await walk.call(f"async_{name}", "playing")
        await walk.command(name.capitalize(), "playing")
    await walk.call("async_stop", "playing")
    await walk.is_in(TransportState.STOPPED, "after Stop")
    walk.read(f"{STATE} {CAN} current_track_uri av_transport_uri media_title", "stopped")
    await walk.command("Stop", "stopped")
    await walk.command("Pause", "stopped")


async def follow(walk, music, short):
    """An item that another one follows, and one in the place of what plays."""
    renderer = walk.renderer
    walk.walked.add("construct_play_media_metadata")
    metadata = await renderer.construct_play_media_metadata(short, "Short")
    walk.note("construct_play_media_metadata", "http-get:*:audio/mpeg:*" in metadata)
    await walk.call("async_set_transport_uri", "stopped", short, "Short")
    await walk.call("async_play", "stopped")
    await walk.is_in(TransportState.PLAYING, "once more")
    walk.read("media_title media_artist", "with no description of ours")
    await walk.call("async_set_next_transport_uri", "playing", music, "title", DIDL.format(address=music))
    await walk.shows("the next address", lambda: walk.value(TRANSPORT, "NextAVTransportURI") == music)
    print("over", flush=True)
    walk.note("the next item plays", await walk.until(lambda: renderer.current_track_uri == music, TO_END))
    await walk.shows("no next address", lambda: not walk.value(TRANSPORT, "NextAVTransportURI"))
    walk.read("media_title transport_state av_transport_uri", "with the next item")
    await walk.call("async_set_transport_uri", "playing", short, "Short")
    await walk.shows("another address", lambda: renderer.current_track_uri == short)
    await walk.call("async_play", "with another address")
    await walk.is_in(TransportState.PLAYING, "with another address")
    walk.read("media_title", "with another address")
    await walk.call("async_set_next_transport_uri", "before another one", music, "title", DIDL.format(address=music))
    await walk.call("async_set_next_transport_uri", "to none", "", "", "")
    await walk.shows("none follows", lambda: not walk.value(TRANSPORT, "NextAVTransportURI"))
    await walk.command("Stop", "at the end")
    await walk.is_in(TransportState.STOPPED, "at the end")


async def refuse(walk, music):
    """Addresses that an Echo cannot play."""
    for name, address, mime_type in (
        ("FLAC", music.replace(".mp3", ".flac"), "audio/flac"),
        ("a film", music.replace(".mp3", ".mp4"), "video/mp4"),
        ("http of the internet", "http://radio.example.com/live.mp3", "audio/mpeg"),
    ):
        metadata = await walk.renderer.construct_play_media_metadata(
            address, "title", override_mime_type=mime_type, override_dlna_features="*"
        )
        await walk.call("async_set_transport_uri", name, address, "title", metadata)


async def polled(walk, location, requester):
    """What a controller reads that has no events."""
    walk.renderer = DmrDevice(await UpnpFactory(requester).async_create_device(location), None)
    await walk.call("async_update", "without events")
    walk.read("transport_state play_mode volume_level is_volume_muted av_transport_uri is_subscribed", "without events")


async def subscriptions(walk, server):
    """A subscription that is renewed and ended."""
    renderer = walk.renderer
    handler = server.event_handler
    service = walk.service("RenderingControl")
    before = handler.sid_for_service(service)
    await walk.call("async_subscribe_services", "to renew")
    walk.note("a renewal keeps its name", handler.sid_for_service(service) == before)
    await walk.call("async_subscribe_services", "by itself", auto_resubscribe=True)
    await renderer.async_set_volume_level(0.3)
    await walk.shows("after a renewal", lambda: renderer.volume_level == 0.3)
    await walk.call("async_unsubscribe_services", "at the end")
    walk.read("is_subscribed", "at the end")
    await renderer.async_set_volume_level(0.4)
    walk.note("event: after the end", await walk.until(lambda: renderer.volume_level == 0.4, TO_STAY_SILENT))
    for method, more in (("SUBSCRIBE", {"TIMEOUT": "Second-300"}), ("UNSUBSCRIBE", {})):
        request = HttpRequest(method, service.event_sub_url, {"SID": before, **more}, None)
        answer = await renderer.profile_device.requester.async_http_request(request)
        walk.note(f"{method} of an ended one", answer.status_code)


async def main(udn, host, music, short):
    """All of it."""
    requester = AiohttpRequester()
    location = await find(udn, host)
    device = await UpnpFactory(requester).async_create_device(location)
    server = AiohttpNotifyServer(requester, source=(host, 0))
    await server.async_start_server()
    walk = Walk(device, server.event_handler, {"MUSIC": music, "SHORT": short})
    await identity(walk, udn)
    await first_events(walk)
    await at_rest(walk)
    await formats(walk)
    await loudness(walk)
    await play(walk, music)
    await follow(walk, music, short)
    await refuse(walk, music)
    await subscriptions(walk, server)
    await polled(walk, location, requester)
    await server.async_stop_server()
    walk.ends()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
