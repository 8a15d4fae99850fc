"""Who does the heavy work? The Celery app, the job kinds and one module for each of them."""
