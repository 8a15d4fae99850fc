"""What do we know? SQL models and repositories, migrations, recall, fan vaults, ledger, audit."""
