"""Who is let in? REST, websocket and the public pages."""
