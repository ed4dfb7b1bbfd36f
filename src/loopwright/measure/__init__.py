"""Candidate -> Measurement: is it faster than the best serial build, and how sure is that; and whole fields of methods.

Entries: ``measure.measure`` for one candidate, ``field.measure_field`` for all methods of a kernel, ``work.count_work``
and ``peaks.measure_peaks`` for the roofline.
"""
