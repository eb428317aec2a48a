#!/usr/bin/env python3
"""What a user of rust-analyzer sees: words, openers and attributes complete, with their documentation, and nothing of
ours beside them. Speaks LSP to the `rust-analyzer` of the toolchain; `^` in a case is the cursor."""

import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = (ROOT / "ui-tests/tests/lines.rs").as_uri()  # its text is the cases'; nothing is written to it
SETTINGS = {
    "checkOnSave": False,
    "cachePriming": {"enable": False},
    "cargo": {"buildScripts": {"overrideCommand": [
        "cargo", "check", "--quiet", "--package", "async-dsl-ui-tests", "--all-targets", "--message-format=json"]}},
}
WORDS = "alt! join! put! race! scope! sleep! take! timeout! try_join! yield_now!".split()
OPENERS = "async_block! expand! go! send! thread! update!".split()
USE = "use async_dsl::prelude::*;\n"


def main(code):
    return USE + "fn main() { let orders = chan::fixed::<u32>(1); " + code + " }"


def linear(code):
    return USE + "#[linear]\nasync fn serve(orders: &Chan<u32>) { " + code + " }"


# What is completed, and what must be among it. Nothing of ours may be: see `HIDDEN`.
COMPLETIONS = [
    (main("tak^"), WORDS + OPENERS),
    (main("go!({ tak^ });"), WORDS + OPENERS + ["orders"]),
    (main("go!({ let taken = tak^; });"), WORDS + OPENERS + ["orders"]),
    (main("go!(|orders| { let n = 1; tak^ });"), WORDS + OPENERS + ["n", "orders"]),
    (main("async_block!({ ^ });"), WORDS + OPENERS + ["orders"]),
    (main("send!(agent(1), |n| { tak^ });"), WORDS + ["n", "orders"]),
    (main("update!(agent(1), |n| { tak^ });"), WORDS + ["n", "orders"]),
    (main("thread!({ ord^ });"), ["orders"]),
    (linear("tak^"), WORDS + OPENERS + ["orders"]),
    (USE + "#[async_dsl::main]\nasync fn main() { tak^ }", WORDS + OPENERS),
    ("fn main() { async_dsl::^ }", WORDS + OPENERS + ["await_!", "dump!"]),
    ("use async_dsl::^;", ["take", "go", "linear", "main", "test"]),
    ("#[async_dsl::^]\nasync fn main() {}", ["linear", "main", "test"]),
    (USE + "#[lin^]\nasync fn serve() {}", ["linear"]),
    # A call that is finished, one that is not, and one whose end is missing.
    (main("go!({ put!(ord^, 1); });"), ["orders"]),
    (main("go!({ put!(orders, ord^, 1s); });"), ["orders"]),
    (main("go!({ put!(ord^) });"), ["orders"]),
    (main("go!({ put!(ord^ });"), ["orders"]),
    (main("go!({\n put!(ord^\n let n = 1;\n});"), ["orders"]),
    (linear("put!(ord^"), ["orders"]),
    (main("go!({ take!(ord^); });"), ["orders"]),
    (main("go!({ take!(orders, ord^); });"), ["orders"]),
    (main("go!({ sleep!(ord^); });"), ["orders"]),
    (main("go!({ await!(ord^); });"), ["orders"]),
    (main("go!({ await!(each ord^); });"), ["orders"]),
    (main("go!({ join!(ord^); });"), ["orders"]),
    (main("go!({ join!(orders.take(), ord^ });"), ["orders"]),
    (linear("join!(each ord^);"), ["orders"]),
    (main("go!({ try_join!(orders.put(1), ord^); });"), ["orders"]),
    (main("go!({ try_join!(each ord^ });"), ["orders"]),
    (main("go!({ race!(orders.take(), ord^); });"), ["orders"]),
    (linear("race!(each ord^"), ["orders"]),
    (main("go!({ timeout!(ord^); });"), ["orders"]),
    (main("go!({ timeout!(1s, { put!(ord^) }); });"), ["orders"]),
    (main("send!(ord^);"), ["orders"]),
    # What is awaited, in a word or not.
    (main("go!({ f(ord^).await; });"), ["orders"]),
    (main("go!({ orders.ta^.await; });"), ["take"]),
    (main("go!({ put!(orders, f(ord^).await); });"), ["orders"]),
    (main("go!({ put!(orders, async { take!(ord^) }.await.unwrap()); });"), ["orders"]),
    # Arms, finished or not.
    (main("go!({ alt! { n = tak^ } });"), ["take!", "orders"]),
    (main("go!({ alt! { n = take!(ord^) => {} } });"), ["orders"]),
    (main("go!({ alt! { n = take!(ord^) } });"), ["orders"]),
    (main("go!({ alt! { put!(ord^) => {} } });"), ["orders"]),
    (main("go!({ alt! { put!(orders, ord^) => {} } });"), ["orders"]),
    (main("go!({ alt! { n = take!(orders), if ord^ => {} sleep!(1s) => {} } });"), ["orders"]),
    (main("go!({ alt! { taken = take!(orders), if true => { tak^ } sleep!(1s) => {} } });"), ["taken", "take!"]),
    (main("go!({ alt! { sleep!(1s) => {}, default => ord^ } });"), ["orders"]),
    # What the words' own methods need is in scope, and does not show; types are known.
    (main("go!({ take!(orders); orders.^ });"), ["take", "try_put", "close"]),
    (main("go!({ alt! { n = take!(orders) => n.^ } });"), ["unwrap_or"]),
    (main("go!({ let n = take!(orders); n.^ });"), ["unwrap_or"]),
]
HIDDEN = ("__", "async_dsl_", "_inner", "alt_in_editor")
HOVERS = [
    (main("go!({ ta^ke!(orders); });"), "Takes the next value from a channel or a stream"),
    (main("go!({ pu^t!(orders, 1); });"), "Puts a value into a channel"),
    (main("go!({ jo^in!(async {}, async {}); });"), "Awaits several futures side by side"),
    (linear("jo^in!(each [async {}]);"), "Awaits several futures side by side"),
    (main("go!({ try_jo^in!(async { Ok::<_, ()>(1) }); });"), "until all have given their values or one has failed"),
    (main("go!({ ra^ce!(async {}, async {}); });"), "the output of the one that is done first"),
    (main("go!({ sco^pe!(|s| {}); });"), "ends when all tasks that were started in it"),
    (main("go!({ sle^ep!(1s); });"), "Parks until a time is over"),
    (main("go!({ yield^_now!(); });"), "Parks until every other task"),
    (main("go!({ time^out!(1s, {}); });"), "Runs a block of linear code, and cancels it"),
    (main("go!({ al^t! { take!(orders) => {} } });"), "Waits for whichever of several operations"),
    (main("g^o!({ take!(orders); });"), "Starts a task now"),
    (main("async_^block!({});"), "A future of linear code"),
    (main("se^nd!(agent(1), |n| n);"), "Queues an action on an agent"),
    (main("upd^ate!(agent(1), |n| *n += 1);"), "Queues an action that changes the state"),
    (main("thr^ead!({});"), "Runs blocking code on a pool of threads"),
    (main("ex^pand!(go!({}));"), "The expansion of an opener"),
    (linear("ta^ke!(orders);"), "Takes the next value from a channel"),
    ("use async_dsl::prelude::ta^ke;", "Takes the next value from a channel"),
    (USE + "#[lin^ear]\nasync fn serve() {}", "so that the words work in it"),
    ("#[async_dsl::ma^in]\nasync fn main() {}", "workers = 4|the number of its threads"),
    ("#[async_dsl::te^st]\nasync fn works() {}", "the test runs"),
]


class Server:
    def __init__(self):
        self.process = subprocess.Popen(["rust-analyzer"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.asked, self.version, self.is_ready = 0, 0, False

    def tell(self, method, params, **more):
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def hear(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            name, value = line.split(b":")
            length = int(value) if name.lower() == b"content-length" else length
        if not length:
            sys.exit("rust-analyzer has ended")
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "experimental/serverStatus":
            self.is_ready = message["params"]["quiescent"]
        return message

    def ask(self, method, params):
        self.asked += 1
        self.tell(method, params, id=self.asked)
        while (message := self.hear()).get("id") != self.asked or "method" in message:
            pass
        if message.get("error", {}).get("code") == -32801:  # the text changed meanwhile
            return self.ask(method, params)
        return message["result"]

    def start(self):
        status = {"experimental": {"serverStatusNotification": True}}
        self.ask("initialize", {"processId": None, "rootUri": ROOT.as_uri(), "capabilities": status,
                                "initializationOptions": SETTINGS})
        self.tell("initialized", {})
        while not self.is_ready:
            self.hear()

    def show(self, case):
        before, after = case.split("^")
        self.version += 1
        document, text = {"uri": FILE, "version": self.version}, before + after
        if self.version == 1:
            self.tell("textDocument/didOpen", {"textDocument": {**document, "languageId": "rust", "text": text}})
        else:
            self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})
        column = len(before) - before.rfind("\n") - 1
        return {"textDocument": {"uri": FILE}, "position": {"line": before.count("\n"), "character": column}}


def check():
    server, wrong = Server(), []
    server.start()
    for case, expected in COMPLETIONS:
        answer = server.ask("textDocument/completion", server.show(case)) or {"items": []}
        labels = {item["label"] for item in (answer["items"] if isinstance(answer, dict) else answer)}
        missing = [label for label in expected if label not in labels]
        leaked = sorted(label for label in labels if any(name in label for name in HIDDEN) and "ui_tests" not in label)
        if missing or leaked:
            wrong.append(f"{case}\n    lacks {missing}, shows {leaked}")
    for case, expected in HOVERS:
        answer = server.ask("textDocument/hover", server.show(case))
        if expected not in json.dumps(answer):
            wrong.append(f"{case}\n    does not show {expected!r}: {answer}")
    server.ask("shutdown", None)
    server.tell("exit", None)
    server.process.wait(10)
    print("\n".join(wrong) or f"{len(COMPLETIONS)} completions and {len(HOVERS)} hovers are right")
    return 1 if wrong else 0


if not shutil.which("rust-analyzer") or subprocess.run(["rust-analyzer", "--version"], capture_output=True).returncode:
    print("not checked: there is no rust-analyzer here (`rustup component add rust-analyzer`)")
else:
    sys.exit(check())
