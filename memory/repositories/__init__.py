"""Every query, a family of tables a module. A repository sees one workspace and never commits."""
