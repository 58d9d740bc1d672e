# Serves the folder this file is in to this computer alone. Needs Python 3 and nothing else:  python3 yupana.py
# The address must stay the same: what the browser has stored belongs to it.

import json
import os
import re
import shutil
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8473
HOME = os.path.realpath(os.path.dirname(os.path.abspath(__file__)))
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
}
with open(os.path.join(HOME, "app", "headers.json"), encoding="utf-8") as table:
    RULES = [(re.compile(rule["pattern"]), rule["headers"]) for rule in json.load(table)]


def file_of(pathname):
    """The file of an address, or None: only below app/ and models/, no hidden names, no links that lead out."""
    segments = unquote(pathname)[1:].split("/")
    if segments[-1] == "":
        segments[-1] = "index.html"
    if any(name == "" or name.startswith(".") or re.search(r"[\\:\0]", name) for name in segments):
        return None
    top = [] if segments[0] == "models" else ["app"]
    file = os.path.realpath(os.path.join(HOME, *top, *segments))
    return file if file.startswith(HOME + os.sep) and os.path.isfile(file) else None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, with_body):
        pathname = urlsplit(self.path).path
        headers = dict(next((given for match, given in RULES if match.search(pathname)), {}))
        # Another site's name that leads here is refused.
        allowed = re.fullmatch(r"(127\.0\.0\.1|localhost)(:\d+)?", self.headers.get("Host", ""))
        file = file_of(pathname) if allowed else None
        if file is None:
            headers["Cache-Control"] = "no-cache"
            headers["Content-Type"] = "text/plain"
            headers["Content-Length"] = "0"
        else:
            headers["Content-Type"] = TYPES.get(os.path.splitext(file)[1], "application/octet-stream")
            headers["Content-Length"] = str(os.path.getsize(file))
        self.send_response(200 if file else 404 if allowed else 421)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if file and with_body:
            with open(file, "rb") as content:
                shutil.copyfileobj(content, self.wfile)

    def do_GET(self):
        self.answer(True)

    def do_HEAD(self):
        self.answer(False)

    def log_message(self, *_):
        pass


try:
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
except OSError:
    sys.exit(f"El puerto {PORT} está ocupado: quizás Yupana ya está abierta en http://127.0.0.1:{PORT}/")
print(f"Yupana: http://127.0.0.1:{server.server_address[1]}/", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    pass
