/** The shape of every protocol in this library: a pure step whose effects are data. */
export {};
