// Uploads a file with tus-js-client and tells in one line of JSON how it went.
// node tus_upload.mjs <endpoint> <token> <file> <bucket> <path>
import { createReadStream, statSync } from "node:fs";
import * as tus from "tus-js-client";

const [endpoint, token, file, bucket, path] = process.argv.slice(2);
const told = { retries: 0, file: undefined };

const upload = new tus.Upload(createReadStream(file), {
  endpoint,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { bucket, path, filetype: "application/octet-stream" },
  uploadSize: statSync(file).size,
  retryDelays: [0, 200, 500, 1000, 2000, 4000, 8000],
  onShouldRetry: () => {
    told.retries += 1;
    return true;
  },
  onAfterResponse: (_, response) => {
    told.file = response.getHeader("Content-Location") ?? told.file;
  },
  onError: (error) => {
    console.error(error.message);
    process.exit(1);
  },
  onSuccess: () => {
    console.log(JSON.stringify({ retries: told.retries, file: told.file, url: upload.url }));
  },
});
upload.start();
