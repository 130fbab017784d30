/* Pages read without this. A selection says how many it holds, a form is sent once, a signature may be drawn. */
(function () {
  "use strict";
  document.querySelectorAll("form[data-bulk]").forEach(function (form) {
    var boxes = form.querySelectorAll("input[name=chosen]"), told = form.querySelector("[data-count]");
    function count() {
      var chosen = form.querySelectorAll("input[name=chosen]:checked").length;
      if (told) { told.textContent = chosen; }
    }
    boxes.forEach(function (box) { box.addEventListener("change", count); });
    count();
  });
  document.querySelectorAll("form[data-once]").forEach(function (form) {
    form.addEventListener("submit", function () {
      form.querySelectorAll("button").forEach(function (button) { window.setTimeout(function () { button.disabled = true; }, 0); });
    });
  });
  document.querySelectorAll("[data-sign]").forEach(function (box) {
    var canvas = box.querySelector("canvas"), kept = box.querySelector("input[name=picture]"), pen = canvas.getContext("2d"), down = false;
    function clear() { pen.fillStyle = "#fff"; pen.fillRect(0, 0, canvas.width, canvas.height); kept.value = ""; }
    function at(event) {
      var edge = canvas.getBoundingClientRect();
      return [(event.clientX - edge.left) * canvas.width / edge.width, (event.clientY - edge.top) * canvas.height / edge.height];
    }
    pen.lineWidth = 5; pen.lineCap = "round"; pen.lineJoin = "round"; pen.strokeStyle = "#10203a";
    clear();
    box.hidden = false;
    canvas.addEventListener("pointerdown", function (event) {
      var point = at(event);
      event.preventDefault(); down = true; canvas.setPointerCapture(event.pointerId); pen.beginPath(); pen.moveTo(point[0], point[1]);
    });
    canvas.addEventListener("pointermove", function (event) {
      if (down) { var point = at(event); pen.lineTo(point[0], point[1]); pen.stroke(); }
    });
    canvas.addEventListener("pointerup", function () {
      if (down) { down = false; kept.value = canvas.toDataURL("image/jpeg", 0.8).replace("data:image/jpeg;base64,", ""); }
    });
    box.querySelector("[data-clear]").addEventListener("click", clear);
  });
})();
