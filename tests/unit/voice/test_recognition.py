"""The real recogniser on synthetic speech: commands heard, talk refused, with and without an engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sitl
from groundlink.intents import NEGATIONS, Intent
from groundlink.voice import Heard, SphinxRecogniser, hear, listen
from groundlink.voice.levels import Samples, loud_frames_outside, with_noise_floor
from groundlink.voice.scripted import ScriptedRecogniser
from groundlink.voice.wav import load
from wire.messages import Verb

SOUNDS = Path(sitl.__file__).parent / "sounds"
NEGATIVES = sorted((Path(__file__).parent / "negatives").glob("*.wav"))
COMMANDS = {
    "launch-and-survey": Intent(Verb.LAUNCH, "launch-and-survey", "launch and survey"),
    "hold": Intent(Verb.HOLD, None, "hold position"),
    "resume": Intent(Verb.RESUME, None, "resume the survey"),
    "return": Intent(Verb.RETURN, None, "return to vehicle"),
    "land": Intent(Verb.LAND, None, "land now"),
    "abort": Intent(Verb.ABORT, None, "abort mission"),
    "status": Intent(Verb.STATUS, None, "status report"),
}


@pytest.fixture(scope="module")
def recogniser() -> SphinxRecogniser:
    return SphinxRecogniser()


def noise(size: int, exponent: float, seed: int) -> Samples:
    """Noise whose power falls with frequency to the given exponent (1: pink, 2: rumble), of unit RMS."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=size))
    frequency_hz = np.maximum(np.fft.rfftfreq(size, 1 / 16_000), 20.0)
    shaped: Samples = np.fft.irfft(spectrum / frequency_hz ** (exponent / 2), size)
    return shaped / float(np.sqrt((shaped**2).mean()))


def pcm_of(samples: Samples) -> bytes:
    return bytes(np.clip(samples, -32768, 32767).astype("<i2").tobytes())


def mixed(pcm: bytes, exponent: float, snr_db: float, seed: int = 1) -> bytes:
    speech = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    level = float(np.sqrt((speech**2).mean())) * 10 ** (-snr_db / 20)
    return pcm_of(speech + level * noise(speech.size, exponent, seed))


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_are_heard(recogniser: SphinxRecogniser, name: str) -> None:
    heard = listen(SOUNDS / f"{name}.wav", recogniser)
    assert heard == Heard(COMMANDS[name].words, 0.0, COMMANDS[name], None)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("snr_db", [20, 10])
def test_commands_are_heard_over_an_engine(recogniser: SphinxRecogniser, name: str, snr_db: float) -> None:
    assert recogniser.recognise(mixed(load(SOUNDS / f"{name}.wav"), 2.0, snr_db)).intent == COMMANDS[name]


def test_no_command_becomes_another_in_pink_noise(recogniser: SphinxRecogniser) -> None:
    for name, intent in COMMANDS.items():
        for snr_db in (20, 10, 0):
            heard = recogniser.recognise(mixed(load(SOUNDS / f"{name}.wav"), 1.0, snr_db))
            assert heard.intent is None or heard.intent.verb == intent.verb, (name, snr_db, heard)


@pytest.mark.parametrize("path", NEGATIVES, ids=lambda path: path.stem)
@pytest.mark.parametrize("with_engine", [False, True])
def test_talk_is_refused(recogniser: SphinxRecogniser, path: Path, with_engine: bool) -> None:
    pcm = load(path)
    heard = recogniser.recognise(mixed(pcm, 2.0, 10) if with_engine else pcm)
    assert heard.intent is None
    assert heard.reason is not None
    assert heard.reason.endswith(".")


def test_a_lone_launch_is_heard_and_still_refused(recogniser: SphinxRecogniser) -> None:
    heard = listen(Path(__file__).parent / "negatives" / "launch.wav", recogniser)
    assert (heard.words, heard.intent) == ("launch", None)
    assert heard.reason is not None
    assert "launch and survey" in heard.reason


@pytest.mark.parametrize("name", ["dont-abort", "not-launch-and-survey", "not-land"])
def test_a_denial_that_the_first_listening_takes_for_the_command_is_told_as_one(
    recogniser: SphinxRecogniser, name: str
) -> None:
    heard = listen(Path(__file__).parent / "negatives" / f"{name}.wav", recogniser)
    assert heard.intent is None
    assert heard.reason is not None and "which says what not to do" in heard.reason
    assert NEGATIONS & set(heard.words.split())


@pytest.mark.parametrize("name", ["hold", "return", "land", "abort"])
@pytest.mark.parametrize("snr_db", [10, 5])
def test_listening_twice_does_not_lose_the_stops(recogniser: SphinxRecogniser, name: str, snr_db: float) -> None:
    for seed in range(3):
        assert recogniser.recognise(mixed(load(SOUNDS / f"{name}.wav"), 2.0, snr_db, seed)).intent == COMMANDS[name]


def test_there_are_negatives() -> None:
    assert len(NEGATIVES) >= 8


def test_a_command_inside_other_talk_is_refused(recogniser: SphinxRecogniser) -> None:
    talk, command = load(NEGATIVES[0]), load(SOUNDS / "land.wav")
    assert recogniser.recognise(talk + command).intent is None
    assert recogniser.recognise(command + talk).intent is None
    assert recogniser.recognise(command + load(SOUNDS / "abort.wav")).intent is None


@pytest.mark.parametrize("name", ["hold", "return", "land", "abort"])
@pytest.mark.parametrize("stop_first", [False, True])
@pytest.mark.parametrize("pause_s", [0.0, 1.0])
def test_a_stop_in_the_same_breath_as_a_launch_is_heard(
    recogniser: SphinxRecogniser, name: str, stop_first: bool, pause_s: float
) -> None:
    launch, stop, pause = load(SOUNDS / "launch-and-survey.wav"), load(SOUNDS / f"{name}.wav"), bytes(2 * int(16_000 * pause_s))
    heard = recogniser.recognise(stop + pause + launch if stop_first else launch + pause + stop)
    assert heard.intent is not None and heard.intent.verb is COMMANDS[name].verb


@pytest.mark.parametrize("seconds", [0.0, 0.1, 1.0, 15.5])
def test_silence_is_refused(recogniser: SphinxRecogniser, seconds: float) -> None:
    assert recogniser.recognise(bytes(2 * int(16_000 * seconds))).intent is None


def test_noise_alone_is_refused(recogniser: SphinxRecogniser) -> None:
    for exponent in (0.0, 1.0, 2.0):
        assert recogniser.recognise(pcm_of(3000 * noise(32_000, exponent, seed=2))).intent is None


def test_half_a_sample_is_an_error(recogniser: SphinxRecogniser) -> None:
    for either in (recogniser, ScriptedRecogniser(["hold"])):
        with pytest.raises(ValueError, match="middle"):
            either.recognise(b"\x00" * 3)


def test_an_utterance_does_not_change_the_next(recogniser: SphinxRecogniser) -> None:
    command = load(SOUNDS / "hold.wav")
    first = recogniser.recognise(command)
    recogniser.recognise(mixed(load(NEGATIVES[0]), 1.0, 0))
    assert recogniser.recognise(command) == first


def test_hear_needs_nothing_but_the_file() -> None:
    assert hear(SOUNDS / "launch-and-survey.wav").intent == COMMANDS["launch-and-survey"]


def test_recordings_are_small() -> None:
    for path in [*SOUNDS.glob("*.wav"), *NEGATIVES]:
        assert path.stat().st_size < 100_000


def test_the_script_is_read_line_by_line() -> None:
    scripted = ScriptedRecogniser(["Launch and survey!", "hold the door"])
    assert scripted.recognise(b"").intent == Intent(Verb.LAUNCH, "launch-and-survey", "launch and survey")
    refused = scripted.recognise(b"")
    assert refused.intent is None
    assert refused.reason == '"hold the door" is not a command: say "hold".'
    assert scripted.recognise(b"").words == ""


def test_heard_is_either_understood_or_refused() -> None:
    with pytest.raises(ValueError, match="either"):
        Heard("hold", 0.0, None, None)
    with pytest.raises(ValueError, match="either"):
        Heard("hold", 0.0, Intent(Verb.HOLD, None, "hold"), "no")


def test_speech_outside_the_words_is_found_and_silence_is_not() -> None:
    tone = 8000 * np.sin(2 * np.pi * 800 * np.arange(16_000) / 16_000)
    quiet, spoken = np.zeros(16_000), tone
    samples = with_noise_floor(np.concatenate([quiet, spoken, quiet, spoken, quiet]))
    second_only = loud_frames_outside(samples, [(300, 399)])
    assert 90 <= second_only <= 110
    assert loud_frames_outside(samples, [(98, 202), (298, 402)]) == 0
    assert loud_frames_outside(samples, []) == len(samples) // 160 - 3
