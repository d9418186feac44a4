// Everything works without this script, by forms and by loading the page again. It spares people that.
"use strict";

(() => {
  const body = document.body;
  const csrf = body.dataset.csrf || "";
  const announcer = document.getElementById("announcer");

  const announce = (text) => {
    announcer.textContent = "";
    // An unchanged text would not be spoken again.
    setTimeout(() => { announcer.textContent = text; }, 50);
  };

  // The server ends each request after 25 s. A network that fell asleep may never end it.
  const LONGEST = 40000;

  // One request to our own pages. A session that has ended leads to the login. What something between answers, such as a
  // proxy's error, is no html of ours.
  const ask = async (path, form) => {
    const headers = { "X-Fetch": "1" };
    const options = { headers, credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(LONGEST) };
    if (form) {
      headers["X-CSRF-Token"] = csrf;
      options.method = "POST";
      options.body = form;
    }
    const response = await fetch(path, options);
    // The page itself is led to the login, and from there back to where it was.
    if (response.redirected && new URL(response.url).pathname.endsWith("/login")) location.reload();
    const [go, open] = [response.headers.get("X-Go"), response.headers.get("X-Open")];
    const html = await response.text();
    if (!response.headers.has("X-Page")) return { ok: false, go: null, open: null, html: null };
    return { ok: response.ok, go, open, html };
  };

  const parse = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  };

  // (a) Live regions.

  const SLOWEST = 30;
  // Between two questions of a region that hears of changes, in seconds.
  const HEARING = 60;
  const regions = new Map();

  // A field in use: one with the focus, or one that was changed and not sent.
  const isAtWork = (region) => {
    const active = document.activeElement;
    if (region.contains(active) && active.matches("input:not([type=checkbox], [type=radio]), select, textarea")) return true;
    if (region.querySelector("form[aria-busy=true]")) return true;
    return [...region.querySelectorAll("input, select, textarea")].some((field) => {
      if (field.type === "hidden") return false;
      if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
      if (field.tagName === "SELECT") {
        const given = [...field.options].findIndex((option) => option.defaultSelected);
        return field.selectedIndex !== Math.max(given, 0);
      }
      return field.value !== field.defaultValue;
    });
  };

  // Where an element is, so that its successor is found.
  const placeOf = (region, element) => {
    if (element.id) return { id: element.id };
    const all = [...region.querySelectorAll(element.tagName)];
    return { tag: element.tagName, text: element.textContent, at: all.indexOf(element) };
  };
  const at = (region, place) => {
    if (place.id) return document.getElementById(place.id);
    const all = [...region.querySelectorAll(place.tag)];
    const same = all[place.at];
    return same && same.textContent === place.text ? same : all.find((one) => one.textContent === place.text);
  };

  const replace = (region, html) => {
    const active = region.contains(document.activeElement) ? document.activeElement : null;
    const focused = active && active !== region ? placeOf(region, active) : null;
    const open = [...region.querySelectorAll("details")].filter((one) => one.open !== one.hasAttribute("data-open"))
      .map((one) => ({ place: placeOf(region, one.querySelector("summary") || one), open: one.open }));
    region.replaceChildren(parse(html));
    for (const one of open) {
      const found = at(region, one.place);
      const details = found && found.closest("details");
      if (details) details.open = one.open;
    }
    putBack(region);
    const successor = focused && at(region, focused);
    if (successor) successor.focus({ preventScroll: true });
    prepare(region);
  };

  // The text of a region, without the answers to its forms.
  const shownText = (region) => {
    const copy = region.cloneNode(true);
    for (const box of copy.querySelectorAll(".said")) box.remove();
    return copy.textContent.trim();
  };

  const refresh = async (region, now) => {
    const state = regions.get(region);
    if (!state || !document.contains(region)) return;
    clearTimeout(state.timer);
    if (!document.hidden && (now || !isAtWork(region))) {
      try {
        const answer = await ask(region.dataset.live);
        const changed = answer.ok && answer.html !== state.html;
        if (changed && (now || !isAtWork(region))) {
          const first = state.html === null;
          state.html = answer.html;
          // The page came with it.
          if (!first || parse(answer.html).textContent.trim() !== shownText(region)) replace(region, answer.html);
        }
        state.calm = changed ? 0 : state.calm + 1;
      } catch {
        state.calm += 4;
      }
    }
    clearTimeout(state.timer);
    // After a while without news it is asked less often.
    const every = state.hears && !isAtWork(region) ? HEARING : Number(region.dataset.every) || 4;
    const wait = Math.min(Math.max(every, every * (state.calm / 8)), Math.max(every, SLOWEST));
    state.timer = setTimeout(() => refresh(region), wait * 1000);
  };

  // Where the server reports changes by itself, it is asked after each, and else once a minute. A hidden page hears
  // nothing: a browser has few connections to one server.
  const hear = (region, state) => {
    if (!region.dataset.events || !window.EventSource || state.source || document.hidden) return;
    const source = new EventSource(region.dataset.events);
    state.source = source;
    const changed = () => {
      clearTimeout(state.timer);
      state.timer = setTimeout(() => refresh(region), 300);
    };
    source.addEventListener("open", () => { state.hears = true; });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) state.source = null;
      // The browser tries again by itself, and fails each time while the server is away.
      if (state.hears) changed();
      state.hears = false;
    });
    source.addEventListener("device", changed);
    source.addEventListener("playback", changed);
    source.addEventListener("queue", changed);
  };

  const deafen = (state) => {
    if (state.source) state.source.close();
    state.source = null;
    state.hears = false;
  };

  const watch = (region) => {
    if (regions.has(region)) return;
    const state = { html: null, calm: 0, timer: 0, hears: false };
    regions.set(region, state);
    hear(region, state);
    state.timer = setTimeout(() => refresh(region), (Number(region.dataset.every) || 4) * 1000);
  };

  document.addEventListener("visibilitychange", () => {
    for (const [region, state] of regions) {
      if (document.hidden) {
        deafen(state);
        continue;
      }
      hear(region, state);
      state.calm = 0;
      refresh(region);
    }
  });

  // (b) Copying.

  const copied = (button) => {
    announce(body.dataset.copied);
    const label = button.dataset.label || button.textContent;
    button.dataset.label = label;
    button.textContent = "✓ " + body.dataset.copied;
    clearTimeout(Number(button.dataset.timer));
    button.dataset.timer = String(setTimeout(() => { button.textContent = label; }, 2000));
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.querySelector(button.dataset.copy);
    if (!source) return;
    try {
      await navigator.clipboard.writeText("value" in source ? source.value : source.textContent.trim());
      copied(button);
    } catch {
      // Over plain http a browser has no clipboard for us; the older way needs a selection.
      if ("select" in source) source.select();
      else getSelection().selectAllChildren(source);
      if (document.execCommand("copy")) copied(button);
      else {
        announce(body.dataset.notCopied);
        say(button.closest("form, .copy, .card") || button.parentElement, null, body.dataset.notCopied);
      }
    }
  });

  // (c) Forms that are sent without leaving the page.

  // The answer to a form stands where its element with `data-said` is: the card, the row. Such an element has an id, by
  // which the answer is put back when the region around it is replaced.
  const ANSWER_KEPT = 30000;
  const answers = new Map();

  const boxOf = (place) => place.querySelector(":scope > .said");

  const keep = (place) => {
    if (!place.id) return;
    clearTimeout(answers.get(place.id) && answers.get(place.id).timer);
    const timer = setTimeout(() => {
      answers.delete(place.id);
      const now = document.getElementById(place.id);
      const box = now && boxOf(now);
      if (box && box.querySelector(".message.good")) box.remove();
    }, ANSWER_KEPT);
    answers.set(place.id, { box: boxOf(place), timer });
  };

  const putBack = (region) => {
    for (const [id, answer] of answers) {
      const place = document.getElementById(id);
      if (place && region.contains(place) && answer.box && !boxOf(place)) place.append(answer.box);
    }
  };

  // Shows the answer to something: html of ours, or a text.
  const say = (place, html, text) => {
    let box = boxOf(place);
    if (!box) {
      box = document.createElement("div");
      box.className = "said";
      // Above the button of a form, where the person has just clicked.
      const button = place.matches("form") && place.querySelector(":scope > button:not([type=button])");
      if (button) button.before(box);
      else place.append(box);
    }
    if (html !== null) box.replaceChildren(parse(html));
    else {
      const sentence = document.createElement("p");
      sentence.className = "message bad";
      sentence.textContent = text;
      box.replaceChildren(sentence);
    }
    box.scrollIntoView({ block: "nearest" });
    return box.textContent.trim();
  };

  const send = async (form, submitter) => {
    if (form.getAttribute("aria-busy") === "true") {
      form.dataset.again = "1";
      return;
    }
    const data = new FormData(form);
    if (submitter && submitter.name) data.append(submitter.name, submitter.value);
    form.setAttribute("aria-busy", "true");
    // A browser opens a tab for a click alone, so it is there before the answer.
    const tab = form.matches("[data-opens]") ? window.open("", "_blank") : null;
    let region = form.closest("[data-live]");
    if (form.dataset.refresh) region = document.querySelector(form.dataset.refresh);
    let answer = { ok: false, html: null };
    try {
      const action = (submitter && submitter.getAttribute("formaction")) || form.getAttribute("action") || location.pathname;
      answer = await ask(action, new URLSearchParams(data));
    } catch {
      // Said below.
    }
    form.removeAttribute("aria-busy");
    if (answer.ok) {
      for (const field of form.querySelectorAll("input, textarea")) {
        if (field.type !== "hidden" && field.type !== "checkbox" && field.type !== "radio") field.defaultValue = field.value;
      }
    }
    if (answer.open) {
      if (tab) {
        tab.opener = null;
        tab.location.replace(answer.open);
      } else if (!form.matches("[data-opens]")) {
        location.assign(answer.open);
        return;
      }
    } else if (tab) tab.close();
    if (answer.go) {
      go(answer.go);
      return;
    }
    // A form is replaced with its region; its answer is kept by the id of its place.
    const place = form.closest("[data-said][id]") || (region && region.contains(form) ? placeFor(region) : form);
    announce(say(place, answer.html, body.dataset.unreachable));
    keep(place);
    if (region) await refresh(region, true);
    if (form.dataset.again) {
      delete form.dataset.again;
      if (document.contains(form)) send(form, null);
    }
  };

  // To the page that shows the result, also where only the place on it differs.
  const go = (path) => {
    history.replaceState(null, "", path);
    location.reload();
  };

  const placeFor = (region) => {
    let place = region.previousElementSibling;
    if (!place || !place.classList.contains("saying")) {
      place = document.createElement("div");
      place.className = "saying";
      region.before(place);
    }
    return place;
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-fetch]")) return;
    event.preventDefault();
    send(form, event.submitter);
  });

  // What is pasted is whole.
  document.addEventListener("paste", (event) => {
    const field = event.target;
    if (field.matches("[data-send-pasted]") && field.form) setTimeout(() => field.form.requestSubmit(), 0);
  });

  // A slider is sent when it rests.
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.matches("[data-output]")) {
      const output = document.querySelector(field.dataset.output);
      if (output) output.textContent = field.value;
    }
    if (!field.matches("[data-send]")) return;
    clearTimeout(Number(field.dataset.timer));
    field.dataset.timer = String(setTimeout(() => {
      if (field.form) send(field.form, null);
    }, 400));
  });

  // (d) Fields that are checked while a person types.

  const check = async (field) => {
    const asked = field.value;
    try {
      const answer = await ask(field.dataset.check, new URLSearchParams({ value: asked }));
      if (field.value !== asked || !answer.html) return;
      const id = field.id + "-check";
      let hint = document.getElementById(id);
      if (!hint) {
        hint = document.createElement("div");
        hint.id = id;
        hint.setAttribute("aria-live", "polite");
        field.after(hint);
        field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), id].filter(Boolean).join(" "));
      }
      hint.replaceChildren(parse(answer.html));
    } catch {
      // The form says it when it is sent.
    }
  };

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches("[data-check]")) return;
    clearTimeout(Number(field.dataset.checking));
    field.dataset.checking = String(setTimeout(() => check(field), 400));
  });

  // (e) Long work, a step at a time.

  const step = async (region) => {
    let answer;
    try {
      answer = await ask(region.dataset.step, new URLSearchParams());
    } catch {
      say(region, null, body.dataset.unreachable);
      region.stepping = setTimeout(() => step(region), 10000);
      return;
    }
    if (!document.contains(region)) return;
    if (!answer.ok) {
      // A proxy between may have no time or no place just now; the work is kept.
      say(region, null, body.dataset.unreachable);
      region.stepping = setTimeout(() => step(region), 10000);
      return;
    }
    replace(region, answer.html);
    if (answer.go) {
      // The person sees the end of the work first.
      setTimeout(() => go(answer.go), 1500);
      return;
    }
    const again = region.querySelector("[data-again]");
    if (again) region.stepping = setTimeout(() => step(region), Math.max(Number(again.dataset.again) || 0, 0.2) * 1000);
    for (const done of region.querySelectorAll("[data-refresh-also]")) {
      for (const other of document.querySelectorAll(done.dataset.refreshAlso)) refresh(other, true);
    }
  };

  const prepare = (root) => {
    for (const region of root.querySelectorAll("[data-live]")) watch(region);
    for (const region of root.querySelectorAll("[data-step]")) {
      if (!region.stepping) region.stepping = setTimeout(() => step(region), 0);
    }
    // Buttons that only the script gives a meaning.
    for (const hidden of root.querySelectorAll("[data-scripted][hidden]")) hidden.hidden = false;
    for (const hidden of root.querySelectorAll("[data-unscripted]")) hidden.hidden = true;
  };
  prepare(document);

  // (f) What plays goes on between two looks.

  setInterval(() => {
    if (document.hidden) return;
    for (const bar of document.querySelectorAll("progress[data-plays]")) {
      bar.value = Math.min(bar.value + 1, bar.max);
      const shown = bar.parentElement.querySelector(":scope > span");
      const minutes = (seconds) => Math.floor(seconds / 60) + ":" + String(Math.floor(seconds % 60)).padStart(2, "0");
      if (shown) shown.textContent = minutes(bar.value) + " / " + minutes(bar.max);
    }
  }, 1000);

  // (g) The set-up: what only the script can do is said in its forms, and places of older releases are found.

  for (const field of document.querySelectorAll("[data-when-scripted]")) field.disabled = false;
  const MOVED = {
    streams: "address", developer: "amazon#developer", skill: "skill", amazon: "amazon#household", pair: "music-assistant#pairing",
    "music-assistant": "music-assistant", "ma-connection": "music-assistant#ma-connection", sound: "sound", passwords: "sign-in",
  };
  const moved = /\/setup$/.test(location.pathname) && MOVED[location.hash.slice(1)];
  if (moved) location.replace(location.pathname + "/" + moved);
})();
