"""Models over real HTTP: the embedded runtime, the same runtime as a server, and servers that misbehave."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import psutil
import pytest

from http_server import listening
from loopwright.config import Settings, from_environment
from loopwright.core.codes import Code
from loopwright.core.proposal import Message
from loopwright.errors import ModelError
from loopwright.models.embedded import Embedded
from loopwright.models.local_server import LocalServer, serve
from loopwright.models.openai_compatible import OpenAICompatible, parse_url
from loopwright.models.registry import list_models, open_model
from loopwright.models.weights import fetch, find_weights

ASK = (Message("system", "Answer in JSON."), Message("user", 'Which loop, i or j? Answer {"loop": NAME}.'))
SCHEMA = {
    "type": "object",
    "properties": {"loop": {"enum": ["i", "j"]}},
    "required": ["loop"],
    "additionalProperties": False,
}
KEY = "secret-key-0123"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A fresh cache that the weights were fetched into; without a network the user's cache, or else a skip."""
    fresh = Settings(cache=tmp_path_factory.mktemp("cache"))
    said: list[str] = []
    try:
        path = fetch(fresh, said.append)
    except ModelError as error:
        if find_weights(from_environment()) is not None:
            return from_environment()
        pytest.skip(f"needs weights: {error.one_line()}")
    assert path == find_weights(fresh)
    assert any("fetching" in line for line in said)
    return fresh


@pytest.fixture(scope="module")
def embedded(settings: Settings) -> Iterator[Embedded]:
    with open_model("embedded", settings) as model:
        assert isinstance(model, Embedded)
        yield model


def workers() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and any("worker.py" in part for part in child.cmdline())
    ]


def test_the_embedded_model_answers_under_its_schema(embedded: Embedded) -> None:
    [reply] = embedded.complete(ASK, SCHEMA, max_tokens=30)
    assert json.loads(reply.text)["loop"] in ("i", "j")
    assert reply.text == json.dumps(json.loads(reply.text), separators=(",", ":"))  # no tokens spent on white space
    assert reply.model == "embedded"
    assert reply.messages == ASK
    assert 20 < reply.prompt_tokens < 100
    assert 3 <= reply.completion_tokens <= 30
    assert reply.log_probability is not None
    assert reply.log_probability < 0
    assert reply.elapsed_s > 0


def test_samples_follow_the_seed(settings: Settings) -> None:
    def samples(*seeds: int) -> list[list[tuple[str, float | None]]]:
        words = (Message("user", "Say any word."),)
        with open_model("embedded", settings) as model:  # a fresh process: what a second run of loopwright sees
            calls = [model.complete(words, None, n=5, temperature=1.5, seed=seed, max_tokens=4) for seed in seeds]
        return [[(reply.text, reply.log_probability) for reply in replies] for replies in calls]

    [first, other] = samples(1, 2)
    assert len(first) == 5
    assert len({text for text, _ in first}) > 1
    assert samples(1) == [first]
    assert other != first


def test_a_call_that_takes_too_long_is_cut_off_and_the_model_lives_on(embedded: Embedded) -> None:
    start = time.monotonic()
    with pytest.raises(ModelError, match="the model embedded did not answer") as caught:
        embedded.complete((Message("user", "Tell a very long story."),), None, max_tokens=4000, timeout_s=0.5)
    assert caught.value.retryable
    assert time.monotonic() - start < 3
    assert embedded.complete(ASK, SCHEMA, max_tokens=30)[0].text


def test_one_process_that_nobody_else_may_ask(embedded: Embedded) -> None:
    embedded.complete(ASK, SCHEMA, max_tokens=30)
    [worker] = workers()
    listening = [item for item in worker.net_connections() if item.status == psutil.CONN_LISTEN]
    assert [item.laddr.ip for item in listening] == ["127.0.0.1"]
    stranger = OpenAICompatible(parse_url(f"http://127.0.0.1:{listening[0].laddr.port}"), "any")
    with pytest.raises(ModelError, match="refused the key"):
        stranger.complete(ASK, None)


def test_a_worker_that_died_is_started_again(settings: Settings) -> None:
    before = {process.pid for process in workers()}
    with open_model("embedded", settings) as model:
        assert not {process.pid for process in workers()} - before  # nothing starts before the first question
        model.complete(ASK, SCHEMA, max_tokens=30)
        [first] = {process.pid for process in workers()} - before
        os.killpg(first, signal.SIGKILL)
        psutil.Process(first).wait(5)
        assert model.complete(ASK, SCHEMA, max_tokens=30)[0].text
        [second] = {process.pid for process in workers()} - before
        assert second != first
    assert not {process.pid for process in workers()} - before


def test_the_worker_ends_with_its_parent(settings: Settings) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from loopwright.models.local_server import LocalServer\n"
        f"server = LocalServer.start(Path({str(fetch(settings))!r}), alias='m')\n"
        "print(server._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = psutil.Process(int(parent.stdout.readline()))
    assert worker.is_running()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    worker.wait(timeout=10)


def test_a_file_that_is_no_model_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(200))
    with open_model(f"gguf:{path}", Settings()) as model, pytest.raises(ModelError) as caught:
        model.complete(ASK, None)
    assert caught.value.code is Code.MODEL_UNAVAILABLE
    assert "broken.gguf" in caught.value.one_line() or "process ended" in caught.value.one_line()
    assert not [worker for worker in workers() if str(path) in worker.cmdline()]


def test_the_runtime_serves_any_openai_client(settings: Settings) -> None:
    with serve(settings) as server:
        asked = Settings(cache=settings.cache, model_url=server.url)
        with open_model("openai", asked) as model:
            assert model.name == "openai:SmolLM2-135M-Instruct.Q4_1"
            replies = model.complete(ASK, SCHEMA, n=5, temperature=0.9, seed=4, max_tokens=60)
        assert len(replies) == 5
        assert {json.loads(reply.text)["loop"] for reply in replies} <= {"i", "j"}
        assert all(reply.log_probability is not None for reply in replies)
        by_name = {status.name: status for status in list_models(asked)}
        assert by_name["openai:SmolLM2-135M-Instruct.Q4_1"].is_ready
        assert by_name["embedded"].is_ready
    with pytest.raises(ModelError, match="cannot connect"):
        open_model("openai:x", asked).complete(ASK, None)


def test_a_port_that_is_taken(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ModelError, match=r"cannot load|process ended"):
            LocalServer.start(fetch(settings), alias="m", port=taken.getsockname()[1])


# Servers that misbehave. Each is a handler of one request; what it gets is appended to ``requests``.

Handler = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


def completion(text: Any, **more: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"role": "assistant", "content": text}}], **more}


def send(request: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    request.send_response(status)
    request.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.end_headers()
    request.wfile.write(body)


def answer(text: Any, **more: Any) -> Handler:
    return lambda request, _: send(request, 200, json.dumps(completion(text, **more)).encode())


@contextmanager
def serving(handle: Handler) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    requests: list[dict[str, Any]] = []

    class OneHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append({"path": self.path, "authorization": self.headers.get("Authorization"), **body})
            try:
                handle(self, body)
            except OSError:
                self.close_connection = True  # the client has gone, as it should

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with listening(OneHandler) as url:
        yield url, requests


def client(url: str, **options: Any) -> OpenAICompatible:
    return OpenAICompatible(parse_url(url, KEY), "m", sleep=lambda _: None, **options)


def hang(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    time.sleep(4)


def cut_mid_reply(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"choices": [{"mess')


def drop(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)


def ten_megabytes(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(160):
        request.wfile.write(b"garbage " * 8192)


def drip_body(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    request.send_response(200)
    request.end_headers()
    for _ in range(40):
        request.wfile.write(b" ")
        request.wfile.flush()
        time.sleep(0.1)


def drip_headers(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    for character in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 40:
        request.wfile.write(bytes([character]))
        request.wfile.flush()
        time.sleep(0.1)


def not_http(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    request.wfile.write(b"220 smtp.example.org ESMTP\r\n")


def compressed(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    send(request, 200, b"\x1f\x8b" + bytes(100), Content_Encoding="gzip")


def echo_key(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    send(request, 403, f"key {request.headers['Authorization']} is not known".encode())


def html(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    send(request, 500, b"<html>\x1b[2J<body>Internal Server Error: " + KEY.encode() + b"</body>" + b"x" * 5000)


def redirect(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
    send(request, 302, b"", Location="http://169.254.169.254/latest")


MISBEHAVIOURS: list[tuple[Handler, Code, str]] = [
    (hang, Code.MODEL_UNREACHABLE, "did not answer within 0.8 s"),
    (cut_mid_reply, Code.MODEL_UNREACHABLE, "broke off"),
    (drop, Code.MODEL_UNREACHABLE, "broke off"),
    (ten_megabytes, Code.BAD_REPLY, "more than 1 MiB"),
    (drip_body, Code.MODEL_UNREACHABLE, "did not answer within 0.8 s"),
    (drip_headers, Code.MODEL_UNREACHABLE, "did not answer within 0.8 s"),
    (not_http, Code.MODEL_UNREACHABLE, "broke off"),
    (compressed, Code.BAD_REPLY, "compressed"),
    (html, Code.MODEL_UNREACHABLE, "answered 500: <html> [2J<body>Internal Server Error: ***"),
    (echo_key, Code.MODEL_UNREACHABLE, "refused the key (403)"),
    (redirect, Code.MODEL_UNREACHABLE, "answered 302"),
    (lambda request, _: send(request, 200, b"not json"), Code.BAD_REPLY, "sent no chat completion"),
    (lambda request, _: send(request, 200, b"[" * 100000), Code.BAD_REPLY, "sent no chat completion"),
    (lambda request, _: send(request, 200, b"\xff\xfe\x00"), Code.BAD_REPLY, "sent no chat completion"),
    (lambda request, _: send(request, 200, b"{}"), Code.BAD_REPLY, "choices"),
    (lambda request, _: send(request, 200, b'{"choices": []}'), Code.BAD_REPLY, "choices"),
    (answer(None), Code.BAD_REPLY, "content"),
    (answer({"steps": []}), Code.BAD_REPLY, "content"),
    (answer("half a \ud800 pair"), Code.BAD_REPLY, "sent no chat completion"),
    (answer("x" * 70000), Code.BAD_REPLY, "content"),
]


@pytest.mark.parametrize(
    ("handle", "code", "message"),
    MISBEHAVIOURS,
    ids=[f"{index}-{message}" for index, (_, _, message) in enumerate(MISBEHAVIOURS)],
)
def test_a_server_that_misbehaves_is_one_clear_error(handle: Handler, code: Code, message: str) -> None:
    start = time.monotonic()
    with serving(handle) as (url, _), pytest.raises(ModelError) as caught:
        client(url, timeout_s=0.8).complete(ASK, SCHEMA)
    line = caught.value.one_line()
    assert caught.value.code is code
    assert message in line
    assert KEY not in line
    assert line.isprintable()
    assert len(line) < 400
    assert time.monotonic() - start < 3


def test_a_server_that_is_down_is_not_asked_for_ever() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    model = client(url)
    lines: list[str] = []
    for _ in range(5):
        with pytest.raises(ModelError) as caught:
            model.complete(ASK, SCHEMA)
        lines.append(caught.value.one_line())
    assert "cannot connect" in lines[0]
    assert "--model-url" in lines[0]
    assert "not asked again" in lines[4]


def test_a_busy_server_is_asked_again() -> None:
    def handle(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        send(request, 503, b"loading") if len(requests) < 3 else answer("ready")(request, body)

    with serving(handle) as (url, requests):
        assert client(url).complete(ASK, None)[0].text == "ready"
    assert len(requests) == 3


def test_a_server_that_stays_busy_is_given_up() -> None:
    busy = serving(lambda request, _: send(request, 429, b"slow down"))
    with busy as (url, requests), pytest.raises(ModelError, match="answered 429: slow down") as caught:
        client(url).complete(ASK, None)
    assert caught.value.retryable
    assert len(requests) == 3


def test_a_server_without_schemas_gets_them_in_words() -> None:
    def handle(request: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        if "response_format" in body or "logprobs" in body:
            send(request, 400, b'{"error": "unknown field"}')
        else:
            answer('{"loop": "i"}', usage={"prompt_tokens": 9, "completion_tokens": 4})(request, body)

    with serving(handle) as (url, requests):
        model = client(url)
        [first, second] = model.complete(ASK, SCHEMA, n=2, temperature=0.7, seed=3)
        model.complete(ASK, SCHEMA)
    formats = [request.get("response_format", {}).get("type") for request in requests]
    assert formats == ["json_schema", "json_schema", "json_object", None, None, None]  # what it took is kept
    assert (first.prompt_tokens, first.completion_tokens, first.log_probability) == (9, 4, None)
    assert [request["seed"] for request in requests[3:5]] == [3, 4]
    assert '"enum": ["i", "j"]' in requests[3]["messages"][-1]["content"]
    assert first.messages[-1].content == requests[3]["messages"][-1]["content"]
    assert second.seed == 4


def test_the_request_is_what_openai_documents() -> None:
    with serving(answer("ok")) as (url, requests):
        client(url).complete(ASK, SCHEMA, n=1, temperature=0.3, seed=5, max_tokens=17)
    [request] = requests
    assert request["path"] == "/v1/chat/completions"
    assert request["authorization"] == f"Bearer {KEY}"
    assert (request["model"], request["temperature"], request["seed"], request["max_tokens"]) == ("m", 0.3, 5, 17)
    assert request["messages"] == [{"role": message.role, "content": message.content} for message in ASK]
    assert request["response_format"]["json_schema"]["schema"] == SCHEMA


def test_a_client_inside_an_event_loop() -> None:
    async def ask(url: str) -> str:
        return client(url).complete(ASK, None)[0].text

    with serving(answer("fine")) as (url, _):
        assert asyncio.run(ask(url)) == "fine"
