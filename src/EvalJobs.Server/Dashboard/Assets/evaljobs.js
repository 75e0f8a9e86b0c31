// EvalJobs pages within Hangfire's dashboard. Everything works without this file; with it, parts that change refresh themselves.
(function () {
  "use strict";

  // ---- Clocks. The page says what time it is at the server; the browser's own clock may be wrong.
  var main = document.getElementById("ej-main");
  var skew = main && main.dataset.now ? Date.parse(main.dataset.now) - Date.now() : 0;

  function lengthOf(milliseconds) {
    var seconds = Math.max(0, Math.floor(milliseconds / 1000));
    var minutes = Math.floor(seconds / 60);
    var hours = Math.floor(minutes / 60);
    var days = Math.floor(hours / 24);
    return days > 0 ? days + " d " + hours % 24 + " h"
      : hours > 0 ? hours + " h " + minutes % 60 + " min"
      : minutes > 0 ? minutes + " min " + seconds % 60 + " s"
      : seconds + " s";
  }

  function write(element, text) {
    // One text node is kept, so that what someone selects in it stays selected while nothing changes.
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }

  // A moment as the server writes it in the zone that the browser chose; null where the browser does not know the zone.
  var zone = main && main.dataset.zone || "UTC";
  var inZone = null;
  if (zone !== "UTC") {
    try {
      inZone = new Intl.DateTimeFormat("en-US", {
        timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit"
      });
    } catch (error) {
      inZone = null;
    }
  }

  function two(number) {
    return (number < 10 ? "0" : "") + number;
  }

  function textOf(now) {
    if (zone === "UTC") {
      return new Date(now).toISOString().slice(0, 19).replace("T", " ") + " UTC";
    }
    if (!inZone) {
      return null;
    }
    var part = {};
    inZone.formatToParts(new Date(now)).forEach(function (each) { part[each.type] = each.value; });
    var clock = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
    var minutes = Math.round((clock - Math.floor(now / 1000) * 1000) / 60000);
    var away = Math.abs(minutes);
    return part.year + "-" + part.month + "-" + part.day + " " + part.hour + ":" + part.minute + ":" + part.second
      + " " + (minutes < 0 ? "-" : "+") + two(Math.floor(away / 60)) + ":" + two(away % 60);
  }

  function tick() {
    var now = Date.now() + skew;
    document.querySelectorAll("time[data-ago]").forEach(function (time) {
      var age = now - Date.parse(time.dateTime);
      write(time, age >= 0 ? lengthOf(age) + " ago" : "in " + lengthOf(-age));
    });
    document.querySelectorAll("[data-since]").forEach(function (span) {
      write(span, lengthOf(now - Date.parse(span.dataset.since)));
    });
    document.querySelectorAll("[data-clock] time").forEach(function (time) {
      var text = textOf(now);
      if (text) {
        time.dateTime = new Date(now).toISOString();
        write(time, text);
      }
    });
  }

  if (main) {
    window.setInterval(function () { if (!document.hidden) { tick(); } }, 1000);
  }

  // The browser's own zone, beside UTC and the one chosen.
  var own = document.getElementById("ej-own-zone");
  if (own) {
    var ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (ownZone && ownZone !== "UTC" && ownZone !== zone) {
      own.value = ownZone;
      own.textContent = ownZone;
      own.hidden = false;
    }
  }

  // ---- Parts with data-live. The body of this very page is fetched again, and each part becomes like the new one, node by node: what did not change
  // is not touched. What someone typed, ticked or opened stays, and so does the node that has the focus.
  var everyMilliseconds = 3000;
  var longestWait = 60000;

  function keyOf(node) {
    return node.nodeType === 1 ? node.id || node.getAttribute("data-key") : null;
  }

  function holdsFocus(node) {
    return document.activeElement !== document.body && node.contains(document.activeElement);
  }

  function isPersons(element, name) {
    return (name === "open" && element.nodeName === "DETAILS")
      || ((name === "value" || name === "checked" || name === "selected") && /^(INPUT|TEXTAREA|SELECT|OPTION)$/.test(element.nodeName));
  }

  function becomeLike(old, next) {
    if (old.nodeType !== 1) {
      if (old.data !== next.data) {
        old.data = next.data;
      }
      return;
    }

    Array.from(old.attributes).forEach(function (attribute) {
      if (!next.hasAttribute(attribute.name) && !isPersons(old, attribute.name)) {
        old.removeAttribute(attribute.name);
      }
    });
    Array.from(next.attributes).forEach(function (attribute) {
      if (old.getAttribute(attribute.name) !== attribute.value && !isPersons(old, attribute.name)) {
        old.setAttribute(attribute.name, attribute.value);
      }
    });
    childrenBecomeLike(old, next);
  }

  function childrenBecomeLike(old, next) {
    var keyed = new Map();
    old.childNodes.forEach(function (child) {
      if (keyOf(child)) {
        keyed.set(keyOf(child), child);
      }
    });

    var at = old.firstChild;
    Array.from(next.childNodes).forEach(function (wanted) {
      var found = keyOf(wanted) ? keyed.get(keyOf(wanted)) : at;
      if (!keyOf(wanted)) {
        while (found && (keyOf(found) || found.nodeName !== wanted.nodeName)) {
          found = found.nextSibling;
        }
      }
      if (!found || found.nodeName !== wanted.nodeName) {
        old.insertBefore(document.importNode(wanted, true), at);
        return;
      }

      // A node that moves loses the focus: then the others move.
      if (found !== at && holdsFocus(found)) {
        while (at !== found) {
          var behind = at.nextSibling;
          old.insertBefore(at, found.nextSibling);
          at = behind;
        }
      }
      if (found === at) {
        at = at.nextSibling;
      } else {
        old.insertBefore(found, at);
      }
      becomeLike(found, wanted);
    });

    while (at) {
      var rest = at.nextSibling;
      if (!holdsFocus(at)) {
        at.remove();
      }
      at = rest;
    }
  }

  function isBeingSelected(part) {
    var selection = window.getSelection();
    return Boolean(selection) && !selection.isCollapsed && selection.containsNode(part, true);
  }

  // Parts with data-while-live hold only while something is in progress. The one that has the focus is removed when it loses the focus.
  function hideWithoutFocus(part) {
    if (!holdsFocus(part)) {
      part.hidden = true;
      return;
    }
    part.addEventListener("focusout", function (event) {
      part.hidden = part.hidden || !part.contains(event.relatedTarget);
    });
  }

  /** @returns Whether nothing on the page will change any more. */
  function patch(html) {
    var next = new DOMParser().parseFromString(html, "text/html");
    var isOver = false;
    document.querySelectorAll("[data-live]").forEach(function (part) {
      var wanted = next.getElementById(part.id);
      if (wanted && !isBeingSelected(part)) {
        becomeLike(part, wanted);
        isOver = isOver || part.hasAttribute("data-live-end");
      }
    });
    if (isOver) {
      document.querySelectorAll("[data-while-live]").forEach(hideWithoutFocus);
    }
    tick();
    return isOver;
  }

  /** Says that the page is not up to date, or nothing. */
  function say(text) {
    var state = document.getElementById("ej-live-state");
    if (!state) {
      state = document.createElement("p");
      state.id = "ej-live-state";
      state.setAttribute("role", "status");
      document.body.append(state);
    }
    write(state, text);
    state.hidden = text === "";
  }

  function watch() {
    var wait = everyMilliseconds;
    var lastAt = Date.now();
    var timer = 0;

    function later() {
      window.clearTimeout(timer);
      timer = window.setTimeout(again, wait);
    }

    function again() {
      if (document.hidden) {
        return;
      }
      fetch(window.location.pathname + window.location.search, { credentials: "same-origin", headers: { "X-Live": "yes" } })
        .then(function (answer) {
          if (answer.status === 401) {
            say("Signed out: this page is not refreshed any more. Load it again to sign in.");
            return null;
          }
          if (answer.status === 404) {
            say("What this page shows does not exist any more; the page is not refreshed.");
            return null;
          }
          return answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)));
        })
        .then(function (html) {
          if (html === null) {
            return;
          }
          say("");
          lastAt = Date.now();
          wait = everyMilliseconds;
          if (!patch(html)) {
            later();
          }
        })
        .catch(function () {
          wait = Math.min(wait * 2, longestWait);
          say("Not refreshed for " + lengthOf(Date.now() - lastAt) + ".");
          later();
        });
    }

    document.addEventListener("visibilitychange", function () {
      if (!document.hidden) {
        window.clearTimeout(timer);
        again();
      }
    });
    later();
  }

  if (document.querySelector("[data-live]")) {
    watch();
  }

  // A link with data-part (a URL of our own) opens what the URL answers below its row, and closes it again.
  function openPart(link) {
    var row = link.closest("tr");
    var below = row.nextElementSibling;
    if (below && below.classList.contains("ej-part")) {
      below.hidden = !below.hidden;
      link.setAttribute("aria-expanded", String(!below.hidden));
      return;
    }

    if (link.getAttribute("aria-busy") === "true") {
      return;
    }
    link.setAttribute("aria-busy", "true");
    fetch(link.getAttribute("data-part"), { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer.status); })
      .then(function (html) {
        var cell = document.createElement("td");
        cell.colSpan = row.cells.length;
        cell.append.apply(cell, Array.from(new DOMParser().parseFromString(html, "text/html").body.childNodes));
        var part = document.createElement("tr");
        part.className = "ej-part";
        part.append(cell);
        row.after(part);
        link.setAttribute("aria-expanded", "true");
      })
      .catch(function () { window.location.assign(link.href); })
      .finally(function () { link.removeAttribute("aria-busy"); });
  }

  document.querySelectorAll("a[data-part]").forEach(function (link) {
    link.setAttribute("aria-expanded", "false");
    link.addEventListener("click", function (event) {
      if (event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
        event.preventDefault();
        openPart(link);
      }
    });
  });

  // A form is sent once, however often its button is pressed. Coming back to the page allows it again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") {
      return;
    }
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-sent", "yes");
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) { form.removeAttribute("data-sent"); });
  });
})();
