"""What the functions of the C library and of OpenMP's run-time library do to memory."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Effect(Enum):
    """PLAIN: nothing but its arguments' memory. ALLOCATE: returns new memory. END: does not return.

    UNSAFE: two threads may not call it at once.
    """

    PLAIN = auto()
    ALLOCATE = auto()
    END = auto()
    UNSAFE = auto()


@dataclass(frozen=True, slots=True)
class LibraryCall:
    """What one function does.

    Attributes:
        effect: Its kind.
        roles: Per argument: ``r`` reads what it points to, ``w`` writes it, ``-`` leaves it alone; the last letter
            holds for all further arguments.
    """

    effect: Effect
    roles: str = "-"


def _table(effect: Effect, roles: str, names: str) -> dict[str, LibraryCall]:
    return dict.fromkeys(names.split(), LibraryCall(effect, roles))


_CALLS: dict[str, LibraryCall] = {
    **_table(Effect.PLAIN, "r", "printf puts perror atoi atol atoll atof strlen remove access unlink puts_unlocked"),
    **_table(Effect.PLAIN, "-r", "fprintf dprintf"),
    **_table(Effect.PLAIN, "r-", "fputs fwrite"),
    **_table(Effect.PLAIN, "rr", "strcmp strcasecmp fopen freopen rename strstr strcspn strspn strpbrk"),
    **_table(Effect.PLAIN, "rr-", "memcmp strncmp strncasecmp"),
    **_table(Effect.PLAIN, "r--", "strchr strrchr memchr"),
    **_table(Effect.PLAIN, "rw-", "strtol strtoul strtoll strtoull strtod strtof"),
    **_table(Effect.PLAIN, "w--", "memset bzero fgets fread"),
    **_table(Effect.PLAIN, "wr-", "memcpy memmove strcpy strncpy strcat strncat mempcpy stpcpy __memcpy_chk"),
    **_table(Effect.PLAIN, "wr", "sprintf"),
    **_table(Effect.PLAIN, "w-r", "snprintf"),
    **_table(Effect.PLAIN, "rw", "scanf"),
    **_table(Effect.PLAIN, "rrw", "sscanf"),
    **_table(Effect.PLAIN, "-rw", "fscanf"),
    **_table(
        Effect.PLAIN,
        "-",
        """putchar putc fputc fflush fclose feof ferror getc fgetc getchar rewind fseek ftell fileno setbuf
        usleep sleep sched_yield getpid gettid pthread_self clock isatty close exit_group
        toupper tolower isdigit isalpha isspace isalnum isupper islower abs labs llabs div ldiv""",
    ),
    **_table(Effect.PLAIN, "w", "time gettimeofday free getrusage times rand_r erand48 nrand48 random_r omp_free"),
    **_table(Effect.PLAIN, "-w", "clock_gettime"),
    **_table(Effect.PLAIN, "rw", "nanosleep"),
    **_table(
        Effect.ALLOCATE, "-", "malloc calloc valloc aligned_alloc memalign omp_alloc omp_calloc omp_aligned_alloc"
    ),
    **_table(Effect.ALLOCATE, "r", "strdup strndup"),
    **_table(Effect.ALLOCATE, "w", "realloc reallocarray"),
    **_table(Effect.END, "-", "exit abort _exit _Exit quick_exit __assert_fail __assert_rtn __assert std::terminate"),
    **_table(Effect.UNSAFE, "r", "getenv setlocale strerror ctime localtime gmtime asctime strtok system putenv"),
    **_table(Effect.UNSAFE, "-", "rand srand random srandom drand48 srand48 lrand48 mrand48 setenv signal"),
    **_table(
        Effect.PLAIN,
        "-",
        """omp_set_dynamic omp_get_dynamic omp_set_nested omp_get_nested omp_in_parallel omp_get_num_procs
        omp_get_wtime omp_get_wtick omp_get_level omp_get_active_level omp_set_max_active_levels
        omp_get_max_active_levels omp_get_supported_active_levels omp_set_schedule omp_in_final omp_is_initial_device
        omp_get_num_devices omp_get_default_device omp_set_default_device omp_get_initial_device omp_get_device_num
        omp_get_thread_limit omp_get_proc_bind omp_get_num_places omp_get_max_task_priority omp_get_cancellation
        omp_get_place_num omp_get_max_teams omp_get_teams_thread_limit omp_display_env omp_in_explicit_task
        omp_get_ancestor_thread_num omp_get_team_size""",
    ),
}


# What these return is their first argument.
_RETURNING = frozenset(["memcpy", "memmove", "memset", "strcpy", "strncpy", "strcat", "strncat", "fgets"])


def returns_first(name: str) -> bool:
    """Return True for a function of the C library that returns its first argument."""
    return name.removeprefix("std::").removeprefix("__builtin_") in _RETURNING


def library_call(name: str) -> LibraryCall | None:
    """Return what a library function does; None if it is not known."""
    plain = name.removeprefix("std::").removeprefix("__builtin_")
    found = _CALLS.get(name) or _CALLS.get(plain)
    if found is None and plain.startswith("__") and plain.endswith("_chk"):
        found = _CALLS.get(plain[2:-4])
    return found
