// Which rules of html-validate hold, and why some do not.

export default {
  root: true,
  extends: ["html-validate:recommended"],
  rules: {
    // What the standard says is the default need not be said: a button sends its form, an input takes text, and the parser
    // puts rows into a body.
    "no-implicit-button-type": "off",
    "no-implicit-input-type": "off",
    "prefer-tbody": "off",
    // All styles and scripts are ours, from where the page comes from.
    "require-sri": "off",
    "no-inline-style": "error",
    // Ticks of one question have one name: a form sends those that are set.
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "button", "reset", "submit"] }],
    // For axe a placeholder will do; it is gone as soon as somebody types.
    "input-missing-label": "error",
  },
};
