"use strict";
(() => {
  const form = document.getElementById("drop");
  const list = document.getElementById("dropped");
  const chooser = form.querySelector("input");
  const words = form.dataset;
  const waiting = [];
  let busy = false;

  const say = (line, text, wrong) => {
    line.querySelector("progress")?.remove();
    const said = document.createElement("small");
    said.textContent = text;
    said.className = wrong ? "wrong" : "";
    line.append(document.createElement("br"), said);
  };

  const reason = (request) => {
    try {
      const problem = JSON.parse(request.responseText);
      return problem.title ? `${words.failed}: ${problem.title}` : words.failed;
    } catch {
      return words.failed;
    }
  };

  const send = ({ file, line }) => new Promise((done) => {
    const bar = line.querySelector("progress");
    const request = new XMLHttpRequest();
    request.open("PUT", `${words.to}/${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => { bar.value = event.total ? event.loaded / event.total : 0; });
    request.addEventListener("load", () => {
      const good = request.status >= 200 && request.status < 300;
      say(line, good ? words.sent : reason(request), !good);
      done();
    });
    request.addEventListener("error", () => { say(line, words.failed, true); done(); });
    request.send(file);
  });

  const work = async () => {
    if (busy) return;
    busy = true;
    while (waiting.length) await send(waiting.shift());
    busy = false;
  };

  const take = (files) => {
    for (const file of files) {
      const line = document.createElement("li");
      const bar = document.createElement("progress");
      bar.max = 1;
      bar.value = 0;
      line.append(file.name, bar);
      list.append(line);
      waiting.push({ file, line });
    }
    work();
  };

  chooser.addEventListener("change", () => { take(chooser.files); chooser.value = ""; });
  for (const name of ["dragover", "dragenter"]) {
    form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
  }
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    take(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
})();
