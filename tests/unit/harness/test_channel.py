from __future__ import annotations

import struct
import zlib

from loopwright.harness.cases import Case, Flavour
from loopwright.harness.channel import Mode, read_answer, request_text
from loopwright.harness.results import Usage, ViewForm, ViewKind

MASK = (1 << 64) - 1
NONCE = 0x1234567890ABCDEF


def mix(value: int) -> int:
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & MASK
    return value ^ (value >> 31)


def records(*items: tuple[int, int, bytes], nonce: int = NONCE) -> bytes:
    """What runtime.c writes: type, case, payload."""
    content = b""
    for sequence, (kind, case, payload) in enumerate(items):
        tag = mix(nonce ^ mix(sequence ^ mix(kind ^ mix(case ^ mix(len(payload) ^ mix(zlib.crc32(payload)))))))
        content += struct.pack("<QIIQ", tag, kind, case, len(payload)) + payload
    return content


VIEW = struct.pack("<IIIIQQ", 1, 0, 8, 0, 2, 1) + b"a" + struct.pack("<2d", 1.0, 2.0)
CASE = [(1, 4, VIEW), (2, 4, struct.pack("<d", 0.25)), (6, 4, b"")]
END = (7, 0, b"")


def test_a_complete_answer() -> None:
    answer = read_answer(records(*CASE, END), NONCE)
    assert answer.is_clean
    assert answer.status == 0
    (observation,) = answer.observations
    assert observation.case == 4
    assert observation.times_s == (0.25,)
    (view,) = observation.views
    assert (view.name, view.kind, view.size, view.count, view.form) == ("a", ViewKind.FLOAT, 8, 2, ViewForm.ALL)
    assert view.data == struct.pack("<2d", 1.0, 2.0)


def test_without_the_last_record_there_is_no_status() -> None:
    answer = read_answer(records(*CASE), NONCE)
    assert answer.status is None
    assert answer.is_clean
    assert len(answer.observations) == 1


def test_foreign_bytes_anywhere_are_noticed() -> None:
    good = records(*CASE, END)
    for at in (0, 24, len(good) // 2, len(good)):
        answer = read_answer(good[:at] + b"PASS" + good[at:], NONCE)
        assert not answer.is_clean or answer.status is None


def test_a_changed_result_is_noticed() -> None:
    good = records(*CASE, END)
    for at in range(0, len(good), 7):
        changed = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        answer = read_answer(changed, NONCE)
        assert answer.status is None


def test_another_runs_records_do_not_count() -> None:
    answer = read_answer(records(*CASE, END, nonce=NONCE + 1), NONCE)
    assert answer.status is None
    assert not answer.observations


def test_records_cannot_be_left_out_or_repeated() -> None:
    first, second = records(CASE[0]), records(*CASE, END)
    assert read_answer(second[len(first) :], NONCE).status is None
    assert read_answer(first + second, NONCE).status is None


def test_a_huge_length_is_no_trouble() -> None:
    content = struct.pack("<QIIQ", 1, 1, 1, MASK)
    assert not read_answer(content, NONCE).is_clean


def test_conflicts_and_damage_arrive() -> None:
    items = [(4, 1, b"3 1 2 iteration 1 writes a[2]"), (3, 1, b"wrote behind a"), (5, 1, b"b 0 2"), (6, 1, b""), END]
    (observation,) = read_answer(records(*items), NONCE).observations
    assert observation.regions is not None
    assert (observation.regions.parallel, observation.regions.serial, observation.regions.distinct) == (3, 1, 2)
    assert observation.regions.conflict == "iteration 1 writes a[2]"
    assert observation.damage == ("wrote behind a",)
    assert observation.uninitialised == ("b 0 2",)


def test_what_the_calls_took_of_the_processors_arrives() -> None:
    usages = struct.pack("<ddQddQ", 0.5, 0.25, 2, 1.0, 0.0, 1)
    (observation,) = read_answer(records(CASE[1], (8, 4, usages), CASE[2], END), NONCE).observations
    assert observation.usages == (Usage(0.5, 0.25, 2), Usage(1.0, 0.0, 1))


def test_a_request_names_descriptor_secret_and_cases() -> None:
    case = Case(2, (("n", 3),), Flavour.NORMAL, 77, 0, ("3", "5"), 40)
    text = request_text(9, 5, Mode.OBSERVE, [case], calls=2, dump_limit=10, perturbation=0.0, seed=None).decode()
    assert text == "9 5 0 10\n1\n2 77 2 0.0 3 5\n"


def test_a_program_gets_no_cases() -> None:
    case = Case(0, (), Flavour.NORMAL, 0, 0, (), 0)
    text = request_text(9, 5, Mode.PROGRAM, [case], calls=1, dump_limit=10, perturbation=0.0, seed=None).decode()
    assert text == "9 5 2 10\n"
