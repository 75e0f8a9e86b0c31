// The EvalJobs pages within Hangfire's dashboard. Every page works without this file. With it, the parts that change are refreshed.
(function () {
  "use strict";

  // ---- Clocks. The page contains the time of the server, because the clock of the browser may be wrong.
  var main = document.getElementById("ej-main");
  var skew = main && main.dataset.now ? Date.parse(main.dataset.now) - Date.now() : 0;

  function formatDuration(milliseconds) {
    var seconds = Math.max(0, Math.floor(milliseconds / 1000));
    var minutes = Math.floor(seconds / 60);
    var hours = Math.floor(minutes / 60);
    var days = Math.floor(hours / 24);
    return days > 0 ? days + " d " + hours % 24 + " h"
      : hours > 0 ? hours + " h " + minutes % 60 + " min"
      : minutes > 0 ? minutes + " min " + seconds % 60 + " s"
      : seconds + " s";
  }

  function setText(element, text) {
    // An unchanged text node is kept, so that a selection in it is kept, too.
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }

  // A time is formatted as the server does it, in the zone that the user chose. No format is available when the browser does not know the zone.
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

  function twoDigits(number) {
    return (number < 10 ? "0" : "") + number;
  }

  function formatTime(now) {
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
    var offset = Math.abs(minutes);
    return part.year + "-" + part.month + "-" + part.day + " " + part.hour + ":" + part.minute + ":" + part.second
      + " " + (minutes < 0 ? "-" : "+") + twoDigits(Math.floor(offset / 60)) + ":" + twoDigits(offset % 60);
  }

  function tick() {
    var now = Date.now() + skew;
    document.querySelectorAll("time[data-ago]").forEach(function (time) {
      var age = now - Date.parse(time.dateTime);
      setText(time, age >= 0 ? formatDuration(age) + " ago" : "in " + formatDuration(-age));
    });
    document.querySelectorAll("[data-since]").forEach(function (span) {
      setText(span, formatDuration(now - Date.parse(span.dataset.since)));
    });
    document.querySelectorAll("[data-clock] time").forEach(function (time) {
      var text = formatTime(now);
      if (text) {
        time.dateTime = new Date(now).toISOString();
        setText(time, text);
      }
    });
  }

  if (main) {
    window.setInterval(function () { if (!document.hidden) { tick(); } }, 1000);
  }

  // The zone of the browser is a choice, too, in addition to UTC and the chosen zone.
  var zoneOption = document.getElementById("ej-browser-zone");
  if (zoneOption) {
    var browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (browserZone && browserZone !== "UTC" && browserZone !== zone) {
      zoneOption.value = browserZone;
      zoneOption.textContent = browserZone;
      zoneOption.hidden = false;
    }
  }

  // ---- Parts with data-live. The same page is fetched again, and each part is updated node by node. Unchanged nodes are not touched.
  // What the user typed, selected or opened is kept, and so is the node that has the focus.
  var refreshMilliseconds = 3000;
  var maxWait = 60000;

  function keyOf(node) {
    return node.nodeType === 1 ? node.id || node.getAttribute("data-key") : null;
  }

  function hasFocus(node) {
    return document.activeElement !== document.body && node.contains(document.activeElement);
  }

  function isUserState(element, name) {
    return (name === "open" && element.nodeName === "DETAILS")
      || ((name === "value" || name === "checked" || name === "selected") && /^(INPUT|TEXTAREA|SELECT|OPTION)$/.test(element.nodeName));
  }

  function updateNode(old, next) {
    if (old.nodeType !== 1) {
      if (old.data !== next.data) {
        old.data = next.data;
      }
      return;
    }

    Array.from(old.attributes).forEach(function (attribute) {
      if (!next.hasAttribute(attribute.name) && !isUserState(old, attribute.name)) {
        old.removeAttribute(attribute.name);
      }
    });
    Array.from(next.attributes).forEach(function (attribute) {
      if (old.getAttribute(attribute.name) !== attribute.value && !isUserState(old, attribute.name)) {
        old.setAttribute(attribute.name, attribute.value);
      }
    });
    updateChildren(old, next);
  }

  function updateChildren(old, next) {
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

      // A node that is moved loses the focus. If this node has it, the nodes before it are moved instead.
      if (found !== at && hasFocus(found)) {
        while (at !== found) {
          var following = at.nextSibling;
          old.insertBefore(at, found.nextSibling);
          at = following;
        }
      }
      if (found === at) {
        at = at.nextSibling;
      } else {
        old.insertBefore(found, at);
      }
      updateNode(found, wanted);
    });

    while (at) {
      var rest = at.nextSibling;
      if (!hasFocus(at)) {
        at.remove();
      }
      at = rest;
    }
  }

  function isBeingSelected(part) {
    var selection = window.getSelection();
    return Boolean(selection) && !selection.isCollapsed && selection.containsNode(part, true);
  }

  // Parts with data-while-live are shown only while something is in progress. A part that has the focus is hidden when it loses the focus.
  function hideWithoutFocus(part) {
    if (!hasFocus(part)) {
      part.hidden = true;
      return;
    }
    part.addEventListener("focusout", function (event) {
      part.hidden = part.hidden || !part.contains(event.relatedTarget);
    });
  }

  /** @returns Whether nothing on the page can change any more. */
  function patch(html) {
    var next = new DOMParser().parseFromString(html, "text/html");
    var isOver = false;
    document.querySelectorAll("[data-live]").forEach(function (part) {
      var wanted = next.getElementById(part.id);
      if (wanted && !isBeingSelected(part)) {
        updateNode(part, wanted);
        isOver = isOver || part.hasAttribute("data-live-end");
      }
    });
    if (isOver) {
      document.querySelectorAll("[data-while-live]").forEach(hideWithoutFocus);
    }
    tick();
    return isOver;
  }

  /** Shows that the page is not up to date. An empty text hides the message. */
  function showState(text) {
    var state = document.getElementById("ej-live-state");
    if (!state) {
      state = document.createElement("p");
      state.id = "ej-live-state";
      state.setAttribute("role", "status");
      document.body.append(state);
    }
    setText(state, text);
    state.hidden = text === "";
  }

  function watch() {
    var wait = refreshMilliseconds;
    var lastAt = Date.now();
    var timer = 0;

    function scheduleRefresh() {
      window.clearTimeout(timer);
      timer = window.setTimeout(refresh, wait);
    }

    function refresh() {
      if (document.hidden) {
        return;
      }
      fetch(window.location.pathname + window.location.search, { credentials: "same-origin", headers: { "X-Live": "yes" } })
        .then(function (answer) {
          if (answer.status === 401) {
            showState("Signed out: this page is not refreshed any more. Load it again to sign in.");
            return null;
          }
          if (answer.status === 404) {
            showState("What this page shows does not exist any more. The page is not refreshed.");
            return null;
          }
          return answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)));
        })
        .then(function (html) {
          if (html === null) {
            return;
          }
          showState("");
          lastAt = Date.now();
          wait = refreshMilliseconds;
          if (!patch(html)) {
            scheduleRefresh();
          }
        })
        .catch(function () {
          wait = Math.min(wait * 2, maxWait);
          showState("Not refreshed for " + formatDuration(Date.now() - lastAt) + ".");
          scheduleRefresh();
        });
    }

    document.addEventListener("visibilitychange", function () {
      if (!document.hidden) {
        window.clearTimeout(timer);
        refresh();
      }
    });
    scheduleRefresh();
  }

  if (document.querySelector("[data-live]")) {
    watch();
  }

  // A link with data-part (a URL of this server) opens the content of that URL below its row. The next click closes it.
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

  // A form is sent once, even when its button is pressed several times. After the user returned to the page, it can be sent again.
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
