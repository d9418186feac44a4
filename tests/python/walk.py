"""A walk over all that the library of Home Assistant has for a media renderer. Needs `async-upnp-client`."""

import asyncio
import inspect
import json
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from async_upnp_client.exceptions import UpnpActionError, UpnpError, UpnpResponseError
from async_upnp_client.profiles.dlna import DmrDevice

TRANSPORT = "AVTransport"

# How long a renderer may take to show what an action did.
TO_SHOW = 10
# How far apart the events of one change are at most.
TO_BE_WHOLE = 0.5


def plain(value):
    """A value as JSON has it."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, (set, frozenset)):
        return sorted(plain(one) for one in value)
    if isinstance(value, datetime):
        return "a time"
    if isinstance(value, timedelta):
        return f"{round(value.total_seconds())} s"
    return round(value, 2) if isinstance(value, float) else value


def is_member(value):
    """Whether this is a property or a method."""
    return isinstance(value, property) or inspect.isroutine(value)


class Walk:
    """A renderer, and what was found of it."""

    def __init__(self, device, handler, addresses):
        self.renderer = DmrDevice(device, handler)
        self.walked = set()
        self._addresses = addresses
        self._found = {}
        self._changed = asyncio.Event()
        self.renderer.on_event = lambda _service, _variables: self._changed.set()

    def note(self, feature, outcome):
        """Notes what came of a feature. The addresses of media have names, since ports differ."""
        if isinstance(outcome, str):
            for name, address in self._addresses.items():
                outcome = outcome.replace(address, name)
        if feature in self._found:
            sys.exit(f"noted twice: {feature}")
        self._found[feature] = outcome

    def read(self, names, moment):
        """Notes the values of these properties."""
        for name in names.split():
            self.walked.add(name)
            self.note(f"{name}, {moment}", plain(getattr(self.renderer, name)))

    async def call(self, name, moment, *arguments, **named):
        """Calls a method of the library."""
        self.walked.add(name)
        await self._tries(f"{name}, {moment}", getattr(self.renderer, name)(*arguments, **named))

    async def command(self, name, moment, of=TRANSPORT, **arguments):
        """Calls an action of a service. The library would keep back one that is not offered at the moment."""
        service = self.service(of)
        if not service.has_action(name):
            self.note(f"{name}, {moment}", "is not there")
            return
        await self._tries(f"{name}, {moment}", service.action(name).async_call(InstanceID=0, **arguments))

    async def _tries(self, feature, call):
        try:
            result = await call
            # Of an action the names of its outputs: their values are those of the properties.
            outcome = sorted(result) if isinstance(result, Mapping) else plain(result)
            outcome = outcome or "done"
        except UpnpActionError as error:
            outcome = f"error {error.error_code}"
        except UpnpResponseError as error:
            outcome = f"status {error.status}"
        except UpnpError as error:
            outcome = "is not there" if "Missing" in str(error) else type(error).__name__
        self.note(feature, outcome)

    def services(self):
        """The names of its services that a renderer has to have."""
        return sorted(identifier.rpartition(":")[2] for identifier in DmrDevice.SERVICE_IDS)

    def service(self, name):
        """The service of that name."""
        return self.renderer.profile_device.service_id(f"urn:upnp-org:serviceId:{name}")

    def value(self, service, variable):
        """The value of a variable that no property of the library has."""
        return self.service(service).state_variable(variable).value

    def sent(self, service):
        """The variables of a service that have a value by now."""
        variables = self.service(service).state_variables.items()
        return sorted(name for name, variable in variables if variable.updated_at is not None)

    async def until(self, holds, patience=TO_SHOW):
        """Waits for an event after which this holds. Whether it came."""

        async def wait():
            while not holds():
                self._changed.clear()
                await self._changed.wait()

        try:
            await asyncio.wait_for(wait(), patience)
        except asyncio.TimeoutError:
            return False
        return True

    async def shows(self, what, holds):
        """Notes whether an event shows this."""
        self.note(f"event: {what}", await self.until(holds))

    async def is_in(self, state, moment):
        """Notes whether an event shows that the transport is in this state."""
        await self.shows(f"{state.name}, {moment}", lambda: self.renderer.transport_state == state)
        # One change may come in several events.
        while await self.next_event(TO_BE_WHOLE):
            pass

    async def next_event(self, patience):
        """Waits for an event. Whether it came."""
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), patience)
        except asyncio.TimeoutError:
            return False
        return True

    async def moves(self, moment):
        """Notes whether the position moves. What plays on a machine with other work may begin late."""
        self.walked |= {"media_position", "media_position_updated_at"}
        await self.renderer.async_update()
        first = self.renderer.media_position or 0
        self.note(f"media_position moves, {moment}", await self.reaches(first + 1, TO_SHOW))
        self.note(f"media_position_updated_at, {moment}", plain(self.renderer.media_position_updated_at))

    async def reaches(self, seconds, patience):
        """Whether the position comes to this many seconds."""
        deadline = asyncio.get_running_loop().time() + patience
        while asyncio.get_running_loop().time() < deadline:
            await self.renderer.async_update()
            if (self.renderer.media_position or 0) >= seconds:
                return True
            await asyncio.sleep(0.2)
        return False

    def ends(self):
        """Writes all that was found. Every public member of the library's renderer has to be in it."""
        members = {name for name, _ in inspect.getmembers(DmrDevice, is_member) if not name.startswith("_")}
        if members != self.walked:
            sys.exit(f"not walked: {sorted(members - self.walked)}; not there: {sorted(self.walked - members)}")
        print(json.dumps(self._found))
