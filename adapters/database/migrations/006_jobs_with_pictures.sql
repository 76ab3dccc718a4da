-- Jobs that may work on somebody's picture, where that picture was shown: asked before one is deleted.
CREATE INDEX jobs_with_pictures ON jobs (platform, chat) WHERE task <> 'text_to_image';
