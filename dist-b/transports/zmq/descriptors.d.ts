/**
 * Opens as many descriptors as a socket may need, and closes them again.
 *
 * @throws Error with the code `EMFILE` where they are not to be had
 */
export declare function requireDescriptors(): void;
