"""The console: where operators work in a browser. `door` lets in and loads the rest on the first visit."""
