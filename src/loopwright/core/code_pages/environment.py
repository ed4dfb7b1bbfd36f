"""LW9xx: input or environment."""

from __future__ import annotations

from loopwright.core.code_pages.page import CodePage
from loopwright.core.codes import Code

ENVIRONMENT = {
    Code.CANNOT_READ: CodePage(
        "A file cannot be read: it is not there, is a folder, is empty, or is not yours.",
        "loopwright analyze missing.c",
        "check the path",
    ),
    Code.DOES_NOT_PARSE: CodePage(
        "The file is not valid C or C++ with these flags.",
        "loopwright analyze solver.c  /* needs -std=gnu99 */",
        "give the flags that compile it behind --, or a compile_commands.json with -p",
    ),
    Code.HEADER_MISSING: CodePage(
        "A header that the file includes is not found.",
        "loopwright analyze src/solver.c",
        "name its folder: -- -Iinclude",
    ),
    Code.NO_SUCH_FUNCTION: CodePage(
        "The file defines no function of the name given.",
        "loopwright analyze solver.c --function swep",
        "check the name; a function in a header is not looked at",
    ),
    Code.COMPILER_MISSING: CodePage(
        "No compiler works here: gcc 11 or clang 14, or newer, is needed.",
        "PATH=/nowhere loopwright optimize solver.c",
        "run loopwright doctor, which names the command that installs one",
    ),
    Code.MODEL_UNREACHABLE: CodePage(
        "The model's server does not answer.",
        "loopwright optimize solver.c --model openai:qwen2.5:1.5b --model-url http://localhost:1/v1",
        "start the server, mend --model-url, or use --model none",
    ),
    Code.MODEL_UNAVAILABLE: CodePage(
        "The model's weights are not here and cannot be fetched, or no such model is known.",
        "loopwright models fetch embedded  /* without a network */",
        "run loopwright models list, or use --model none",
    ),
    Code.CANNOT_WRITE: CodePage(
        "A file cannot be written: no room, no permission, or the file changed meanwhile.",
        "loopwright optimize solver.c -o /proc",
        "make room, or choose another folder with -o",
    ),
    Code.BAD_KERNEL_SPEC: CodePage(
        "The kernel.toml beside the file cannot be used; the message names the place.",
        'sizes = "large"',
        "see docs/concepts.md for what a kernel.toml may say",
    ),
    Code.BAD_COMPILE_COMMANDS: CodePage(
        "The compile_commands.json cannot be used, or does not know the file.",
        "loopwright analyze new.c -p build",
        "build the project again so that the file is listed, or give the flags behind --",
    ),
    Code.BAD_OPTION: CodePage(
        "An option or an argument is not known, or its value cannot be used.",
        "loopwright optimize solver.c --budget soon",
        "see the --help of the command",
    ),
    Code.BAD_REPLY: CodePage(
        "A model's answer is not a plan.",
        "Sure! Here is the parallel version of your loop ...",
        "nothing: the proposal is dropped; another --strategy or --model may do better",
    ),
    Code.EXTRA_MISSING: CodePage(
        "A Python package that only some commands need is not installed; the message names it.",
        "loopwright report results.db  /* without plotly */",
        "install loopwright with the extra that the message names, such as pip install 'loopwright[bench]'",
    ),
    Code.CLUSTER_UNAVAILABLE: CodePage(
        "The Dask cluster of a campaign cannot be reached, does not start, is gone, or a machine of it cannot work.",
        "loopwright bench run --cluster tcp://host:8786",
        "see that the scheduler and at least one worker run, with the same loopwright and Dask as here; a campaign goes"
        " on with --resume",
    ),
}
