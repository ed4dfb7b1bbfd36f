"""loopwright: serial C/C++ loop nests into parallel code that is proved, tested and measured."""
