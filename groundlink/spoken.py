"""say and listen: words into an order, read back before anything is done; a spoken launch waits for a yes."""

from __future__ import annotations

import json
from pathlib import Path

from groundlink import orders
from groundlink.configuration import GroundlinkConfig
from groundlink.confirmation import READ_BACK, Confirm, read_back
from groundlink.exits import Exit
from groundlink.intents import Intent, Refusal, understand
from groundlink.orders import Out
from groundlink.voice.recogniser import Recogniser
from groundlink.voice.recogniser import listen as hear
from wire.messages import Verb


def say(config: GroundlinkConfig, words: str, out: Out, progress: Out, *, as_json: bool) -> Exit:
    """Do what the words mean, or refuse them. Raises PilotfishError."""
    meant = understand(words)
    if isinstance(meant, Refusal):
        return _refuse(words, meant.sentence, out, as_json=as_json)
    return _obey(config, meant, out, progress, as_json=as_json)


def listen(
    config: GroundlinkConfig,
    recording: Path,
    recogniser: Recogniser,
    out: Out,
    progress: Out,
    *,
    confirm: Confirm,
    as_json: bool,
) -> Exit:
    """Do what is said in a WAV file, or refuse it; a launch only once it is confirmed, and not from half a recording.

    Raises RecordingError for a file that cannot be listened to.
    """
    heard = hear(recording, recogniser)
    if heard.missing:
        progress(heard.missing)
    if heard.intent is None:
        return _refuse(heard.words, heard.reason or "nothing was understood", out, as_json=as_json)
    why_not = None
    if heard.intent.verb in READ_BACK:
        why_not = "the recording was cut off, so say it again" if heard.missing else confirm(read_back(heard.intent))
    if why_not is not None:
        sentence = f'Heard "{heard.words}", but nothing was ordered: {why_not}.'
        return _refuse(heard.words, sentence, out, as_json=as_json)
    return _obey(config, heard.intent, out, progress, as_json=as_json)


def _obey(config: GroundlinkConfig, intent: Intent, out: Out, progress: Out, *, as_json: bool) -> Exit:
    mission = f", mission {intent.mission}" if intent.mission else ""
    progress(f'understood "{intent.words}": {intent.verb}{mission}')
    if intent.verb is Verb.STATUS:
        return orders.status(config, out, as_json=as_json)
    return orders.give(config, intent.verb, out, progress, mission=intent.mission, words=intent.words, as_json=as_json)


def _refuse(words: str, sentence: str, out: Out, *, as_json: bool) -> Exit:
    out(json.dumps({"verb": None, "stage": "refused", "sentence": sentence, "words": words}) if as_json else sentence)
    return Exit.REFUSED
