"""Discord: bots in private messages and servers, over the gateway and REST. `bots.discord.platform` is the way in."""
