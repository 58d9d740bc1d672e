# Serves the folder this file is in to this computer alone. Needs Python 3 and nothing else:  python3 yupana.py
# The address must stay the same: what the browser has stored belongs to it.

import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

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


# A spelling of its own for each file: another one would be the same file, and another name to the header table.
CANONICAL = re.compile(r"(/(?!\.)[A-Za-z0-9_.~!$&'()*+,;=@-]+)*/?")


def byte_range(header, size):
    """First and last byte of one range, or None where it cannot be served."""
    found = re.fullmatch(r"bytes=([0-9]*)-([0-9]*)", header.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if first == "":
        count = min(size, int(last))
        return (size - count, size - 1) if count else None
    start, end = int(first), min(size - 1, int(last)) if last else size - 1
    return (start, end) if start < size and start <= end else None


def file_of(pathname):
    """The file of an address, or None: only below app/ and models/, no hidden names, no links that lead out."""
    if not pathname.startswith("/") or not CANONICAL.fullmatch(pathname):
        return None
    segments = pathname[1:].split("/")
    if len(segments) > 1 and segments[-1] == "":
        return None
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
        pathname = re.split(r"[?#]", self.path, maxsplit=1)[0]
        # The last rule is the strictest: it goes with everything that is no file's name.
        rules = RULES if CANONICAL.fullmatch(pathname) else RULES[-1:]
        headers = dict(next((given for match, given in rules if match.search(pathname)), {}))
        # Another site's name that leads here is refused.
        port = self.server.server_address[1]
        allowed = self.headers.get("Host", "") in (f"127.0.0.1:{port}", f"localhost:{port}")
        file = file_of(pathname) if allowed else None
        size = os.path.getsize(file) if file else 0
        asked = self.headers.get("Range")
        part = byte_range(asked, size) if file and asked is not None else (0, size - 1)
        if file is None or part is None:
            headers["Cache-Control"] = "no-cache"
            headers["Content-Type"] = "text/plain"
            headers["Content-Length"] = "0"
            if file:
                headers["Content-Range"] = f"bytes */{size}"
        else:
            # What a pack holds is data, whatever its name says.
            known = {} if pathname.startswith("/models/") else TYPES
            headers["Content-Type"] = known.get(os.path.splitext(file)[1], "application/octet-stream")
            headers["Content-Length"] = str(part[1] - part[0] + 1)
            headers["Accept-Ranges"] = "bytes"
            if asked is not None:
                headers["Content-Range"] = f"bytes {part[0]}-{part[1]}/{size}"
        found = 416 if part is None else 200 if asked is None else 206
        self.send_response(found if file else 404 if allowed else 421)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if file and part and with_body:
            with open(file, "rb") as content:
                content.seek(part[0])
                left = part[1] - part[0] + 1
                while left > 0 and (piece := content.read(min(left, 1 << 20))):
                    self.wfile.write(piece)
                    left -= len(piece)

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
