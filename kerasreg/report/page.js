for (const box of document.querySelectorAll(".kerasreg-report .code")) {
  const button = document.createElement("button");
  const label = "Copy " + box.dataset.label;
  button.type = "button";
  button.textContent = label;
  button.addEventListener("click", async () => {
    const text = box.querySelector("code").textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(box.querySelector("code"));
      button.textContent = "Selected: press Ctrl-C";
    }
    setTimeout(() => { button.textContent = label; }, 2000);
  });
  box.prepend(button);
}
