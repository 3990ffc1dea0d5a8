"""The autopilot as MAVLink sees it, in simulated time: datagrams in, datagrams out; no socket, no clock, no global random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot import starting
from sitl.autopilot.body.wind import Wind
from sitl.autopilot.flight import STEP_S
from sitl.autopilot.ftp import metadata
from sitl.autopilot.ftp.server import FileServer
from sitl.autopilot.ftp.tree import Tree
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.payload import errands
from sitl.autopilot.payload.orders import Order
from sitl.autopilot.pilot import Pilot
from sitl.autopilot.plans.protocol import MissionProtocol, Shared
from sitl.autopilot.plans.store import Plans
from sitl.autopilot.protocol import commands, guidance, requests
from sitl.autopilot.protocol.command import Command, from_int, from_item, from_long, from_set_mode
from sitl.autopilot.protocol.command_queue import CommandQueue
from sitl.autopilot.protocol.commands import ACCEPTED, DENIED
from sitl.autopilot.protocol.errands import Errands
from sitl.autopilot.protocol.links import Datagram, Link, LinkName, Peer
from sitl.autopilot.protocol.parameter_protocol import ParameterProtocol
from sitl.autopilot.telemetry import intervals
from sitl.autopilot.telemetry.sources import ORIGIN_AT_S, Message, Sources
from sitl.autopilot.telemetry.table import build, rates_hz
from sitl.autopilot.telling.telling import Telling
from sitl.autopilot.trouble import Tell, Trouble
from sitl.scenario.events import AutopilotEvent
from wire.geo import Position

COMPONENT = mavlink.MAV_COMP_ID_AUTOPILOT1
EVERYBODY = Peer(0, 0)
MISSIONS_EVERY = 5  # steps: 50 Hz


class Autopilot:
    """A PX4 v1.16.0 quadrotor at its MAVLink boundary.

    Deterministic for its arguments and what it receives. `instance` gives the system id (instance + 1). `parameters` are set
    at the start as PX4's start script sets PX4_PARAM_*, over what was `kept` from an earlier one; a `speed`, be it 1, only sets
    the time-outs that the script scales. `double_mode_ack` is v1.16.0's habit of acknowledging DO_SET_MODE twice. `unix_s` is
    what SYSTEM_TIME counts from. `plans` is what was stored before; MAVLink FTP may read and write in `folder`. `events` is its
    part of a scenario; `tell` hears of it.
    """

    def __init__(
        self,
        *,
        seed: int,
        home: Position,
        parameters: Mapping[str, float] | None = None,
        wind: Wind | None = None,
        instance: int = 0,
        speed: float | None = None,
        double_mode_ack: bool = True,
        unix_s: float = 1.7e9,
        plans: Plans | None = None,
        kept: Mapping[str, float] | None = None,
        folder: Path | None = None,
        events: Sequence[AutopilotEvent] = (),
        tell: Tell = lambda change, outcome: None,
    ) -> None:
        given = starting.Given(parameters or {}, dict(zip(starting.PLACE, home, strict=True)), instance, speed)
        self.parameters = Parameters(kept=kept, to_come=given.parameters)
        starting.start(self.parameters, given, first=kept is None)
        self.system = instance + 1
        wind = wind or Wind()
        self.pilot = Pilot(seed=seed, origin=home, parameters=self.parameters, wind=wind, plans=plans)
        self.pilot.unix_s, self.pilot.system = unix_s, self.system
        self._trouble = Trouble(events, self.pilot, wind, tell)
        self.plans = self.pilot.planning.plans
        gimbal = self.pilot.payload.gimbal.present
        self.links = {
            name: Link(name, self.system, COMPONENT, rates_hz(name, gimbal=gimbal), intervals.at_start_us(name))
            for name in LinkName
        }
        self._sources = Sources(self.pilot, seed=seed, instance=instance, unix_s=unix_s)
        self._parameter_protocol = ParameterProtocol(self.parameters)
        shared = Shared(self.system, self.plans, self.pilot.planning.missions.progress, self.pilot.said)
        self._mission_protocols = {name: MissionProtocol(shared) for name in (LinkName.GCS, *LinkName)}
        self._telling = Telling()
        self._folder = folder
        self._file_servers: dict[LinkName, FileServer] = {}
        self._errands = Errands(self.system)
        self._double_mode_ack = double_mode_ack
        self._queue = CommandQueue(seed)
        self._out: list[Datagram] = []
        self._steps = 0
        self._origin_sent = False

    @property
    def now_s(self) -> float:
        """Simulated time since start."""
        return self.pilot.now_s

    @property
    def shut_down(self) -> bool:
        """It was told to by command, or its battery has been empty on the ground for a minute: its process ends."""
        powers_off_at_s = self.pilot.health.powers_off_at_s
        return self._sources.shut_down or (powers_off_at_s is not None and self.now_s >= powers_off_at_s)

    def close(self) -> None:
        """Close the files that clients of MAVLink FTP left open."""
        for server in self._file_servers.values():
            server.close()

    # Time

    def step(self, dt_s: float) -> list[Datagram]:
        """Advance by dt_s (rounded to whole steps of 4 ms, at least one); what is to be sent, in order."""
        for _ in range(max(1, round(dt_s / STEP_S))):
            self._step()
        out, self._out = self._out, []
        return out

    def _step(self) -> None:
        self.pilot.step()
        for command in self._queue.due(self.now_s):
            self._execute(command)
        self._answer_for_payload()
        self._run_errands()
        self._speak()
        if not self._origin_sent and self.now_s >= ORIGIN_AT_S:
            self._origin_sent = True
            for name in (LinkName.ONBOARD, LinkName.GCS, LinkName.CAMERA):
                self._send(self.links[name], build(mavlink.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN, self.links[name], self._sources))
        self._steps += 1
        if self._steps % MISSIONS_EVERY == 0:
            self._trouble.step()
            self._run_missions()
        for name, value in self._parameter_protocol.due(self.now_s):
            self._send(self.links[name], value)
        for name, server in self._file_servers.items():
            for piece in server.due(self.now_s):
                self._send(self.links[name], piece)
        for link in self.links.values():
            self._stream(link)

    def _run_missions(self) -> None:
        """Do what mission items order; tell of the mission's progress."""
        for item in self.pilot.planning.missions.taken_orders():
            command = from_item(item, self.pilot.planning.missions.home_amsl_m)
            commands.execute(self.pilot, command)
            for order in errands.from_mission(Order(command.number, command.params), self.system):
                self.pilot.payload.errand(order)
        for name, protocol in self._mission_protocols.items():
            for message in protocol.due(self.now_s):
                self._send(self.links[name], message)

    def _stream(self, link: Link) -> None:
        passing = link.passing()
        if passing is not None:
            self._out.append(passing)
        for number in link.due(self.now_s):
            link.told_s[number] = self.now_s
            self._send(link, build(number, link, self._sources))
        for text in link.due_texts(self.now_s):
            self._send(link, text)

    def _speak(self) -> None:
        self._telling.speak(self.pilot, self.links.values())
        for message in self._telling.due(self.pilot):
            for link in self.links.values():
                self._send(link, message)

    def _send(self, link: Link, message: Message | None) -> None:
        if message is not None:
            self._out.append(link.pack(message))

    # Receiving

    def receive(self, link: LinkName, datagram: bytes) -> None:
        """Take in a datagram from a link; answers come out of the following steps. Anything unintelligible is dropped."""
        here = self.links[link]
        for message in here.parse(datagram):
            self._handle(here, message)

    def _handle(self, link: Link, message: Message) -> None:
        sender = Peer(message.get_srcSystem(), message.get_srcComponent())
        link.meet(sender)
        self._forward(link, message)
        if isinstance(message, mavlink.MAVLink_heartbeat_message):
            self._heard(link, sender, message)
        elif isinstance(message, mavlink.MAVLink_timesync_message) and link.traits.serves:
            if message.tc1 == 0:
                now_ns = round(self.now_s * 1e9)
                self._send(link, mavlink.MAVLink_timesync_message(now_ns, message.ts1))
            elif message.tc1 > 0:
                link.clock.hear(round(self.now_s * 1e6), message.tc1, message.ts1)
        elif isinstance(message, mavlink.MAVLink_ping_message) and link.traits.serves:
            if message.target_system == 0 and message.target_component == 0:
                reply = mavlink.MAVLink_ping_message(message.time_usec, message.seq, *sender)
                self._send(link, reply)
        elif link.traits.serves:
            for answer in self._mission_protocols[link.name].receive(message, sender, self.now_s):
                self._send(link, answer)
            if self._for_us(message):
                self._serve(link, sender, message)

    def _serve(self, link: Link, sender: Peer, message: Message) -> None:
        """Messages addressed to the autopilot."""
        if isinstance(message, _COMMANDS):
            long = isinstance(message, mavlink.MAVLink_command_long_message)
            command = from_long(message) if long else from_int(message)
            if command is None:
                self._acknowledge(message.command, DENIED, sender)
            else:
                self._command(link, sender, command)
        elif isinstance(message, mavlink.MAVLink_command_ack_message):
            self._errands.acknowledged(message.command, sender)
        elif isinstance(message, mavlink.MAVLink_set_mode_message):
            self._queue.put(from_set_mode(message), sender, self.now_s)
        elif isinstance(message, mavlink.MAVLink_file_transfer_protocol_message):
            for answer in self._file_server(link.name).receive(message, sender, self.now_s):
                self._send(link, answer)
        elif isinstance(message, mavlink.MAVLink_command_ack_message):
            self._errands.acknowledged(message.command, sender)
        elif not (guidance.receive(self.pilot, message, link.clock) or self.pilot.payload.hear(message, sender)):
            self._parameter_protocol.receive(link.name, message, self.now_s)
            for answer in self._telling.answer(message, sender):
                self._send(link, answer)

    def _file_server(self, link: LinkName) -> FileServer:
        """The files are made when somebody first asks for one."""
        if link not in self._file_servers:
            self._file_servers[link] = FileServer(Tree(metadata.files(), self._folder))
        return self._file_servers[link]

    def _for_us(self, message: Message) -> bool:
        system = getattr(message, "target_system", 0)
        component = getattr(message, "target_component", 0)
        if isinstance(message, _COMMANDS) and message.command in _FOR_ANY_COMPONENT:
            return system in (0, self.system)
        ours = system == self.system or (system == 0 and not isinstance(message, _COMMANDS))
        return ours and component in (0, COMPONENT)

    def _heard(self, link: Link, sender: Peer, message: mavlink.MAVLink_heartbeat_message) -> None:
        if message.type == mavlink.MAV_TYPE_GCS:
            link.gcs_heartbeat_s = self.now_s
            self.pilot.gcs.heartbeat(self.now_s)
        elif message.type == mavlink.MAV_TYPE_ONBOARD_CONTROLLER and sender.system == self.system:
            self.pilot.companion.heartbeat(self.now_s)

    def _forward(self, source: Link, message: Message) -> None:
        """What is not for the autopilot alone goes on to the other forwarding links that know its addressee."""
        target = Peer(getattr(message, "target_system", 0), getattr(message, "target_component", 0))
        if target == Peer(self.system, COMPONENT) or not source.traits.forwards:
            return
        if isinstance(message, mavlink.MAVLink_heartbeat_message) and self.parameters["MAV_HB_FORW_EN"] < 1:
            return
        data = bytes(message.get_msgbuf())
        for link in self.links.values():
            if link is not source and link.traits.forwards and link.knows(target):
                link.pass_on(data)

    # Commands

    def _command(self, link: Link, sender: Peer, command: Command) -> None:
        reply = requests.answer(command, link, self._sources)
        if reply is not None:
            for message in reply.messages:
                self._send(link, message)
            if reply.result is not None:
                self._acknowledge(command.number, reply.result, sender)
            return
        if sender == Peer(self.system, COMPONENT) and command.number not in _FROM_ITSELF:
            return
        if command.number == mavlink.MAV_CMD_DO_SET_MODE and self._double_mode_ack:
            self._acknowledge(command.number, ACCEPTED, sender)
        self._queue.put(command, sender, self.now_s)

    def _execute(self, command: Command) -> None:
        if self.pilot.health.powers_off_at_s is not None:
            return
        result = commands.execute(self.pilot, command)
        if command.number == mavlink.MAV_CMD_RUN_PREARM_CHECKS:
            self.pilot.health.ask()
        self._speak()
        for one in result if isinstance(result, list) else [result]:
            if one is None or command.sender is None:
                continue
            failed = command.number == mavlink.MAV_CMD_INJECT_FAILURE and one != DENIED
            self._acknowledge(command.number, one, EVERYBODY if failed else command.sender)

    def _answer_for_payload(self) -> None:
        for answer in self.pilot.payload.taken():
            self._acknowledge(answer.number, answer.result, answer.to, answer.progress)

    def _run_errands(self) -> None:
        """Commands of its own that others may carry out."""
        begun = self._errands.begin(self.pilot.payload.taken_errands(), self.now_s)
        for name, message in (*begun, *self._errands.due(self.now_s)):
            self._send(self.links[name], message)

    def _acknowledge(self, number: int, result: int, to: Peer, progress: int = 0) -> None:
        """On every link that has seen the sender."""
        for link in self.links.values():
            if link.knows(to):
                self._send(link, mavlink.MAVLink_command_ack_message(number, result, progress, 0, to.system, to.component))


_COMMANDS = (mavlink.MAVLink_command_long_message, mavlink.MAVLink_command_int_message)
_FROM_ITSELF = (mavlink.MAV_CMD_DO_SET_MODE, mavlink.MAV_CMD_INJECT_FAILURE, mavlink.MAV_CMD_DO_AUTOTUNE_ENABLE)
"""Commands PX4 obeys even from its own identity, beside requests; the others it ignores."""
_FOR_ANY_COMPONENT = (mavlink.MAV_CMD_REQUEST_PROTOCOL_VERSION, mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES)
