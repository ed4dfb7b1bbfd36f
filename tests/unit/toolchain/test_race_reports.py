"""ThreadSanitizer's log as pairs of accesses."""

from __future__ import annotations

from loopwright.toolchain.sanitizer import race_reports

LOG = """\
==================
WARNING: ThreadSanitizer: data race (pid=4242)
  Write of size 4 at 0x7ffc by thread T1:
    #0 .omp_outlined._debug__ /home/me/race.c:12:7 (race+0xd3a2d) (BuildId: 4f)
    #1 .omp_outlined. /home/me/race.c:9:1 (race+0xd3a9c) (BuildId: 4f)
    #2 __kmp_invoke_microtask <null> (libomp.so.5+0xdc0a9) (BuildId: 9c)

  Previous atomic read of size 4 at 0x7ffc by main thread:
    #0 .omp_outlined._debug__ /home/me/race.c:14:12 (race+0xd3a5d) (BuildId: 4f)

  Location is stack of main thread.

SUMMARY: ThreadSanitizer: data race /home/me/race.c:12:7 in .omp_outlined._debug__
==================
==================
WARNING: ThreadSanitizer: data race (pid=4242)
  Read of size 8 at 0x7ffc by thread T2:
    #0 helper /home/me/helper.h:3 (race+0xd3a2d)
    #1 main /home/me/race.c:20:3 (race+0xd3a2d)

  Previous write of size 8 at 0x7ffc by thread T1:
    [failed to restore the stack]

==================
ThreadSanitizer: reported 2 warnings
"""


def test_both_sides_of_every_report_are_read() -> None:
    first, second = race_reports(LOG)
    assert [(side.kind, side.places[:1]) for side in first] == [
        ("write", (("/home/me/race.c", 12, 7),)),
        ("read", (("/home/me/race.c", 14, 12),)),
    ]
    assert second[0].places == (("/home/me/helper.h", 3, 0), ("/home/me/race.c", 20, 3))
    assert (second[1].kind, second[1].places) == ("write", ())


def test_other_output_holds_no_race() -> None:
    assert race_reports("WARNING: ThreadSanitizer: thread leak (pid=1)\n  Thread T1 finished\n") == ()
    assert race_reports("") == ()
