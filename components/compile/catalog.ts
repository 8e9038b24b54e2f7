/** Image of the program that publishes Services to Consul. Environments replace it by `images`. */
export const catalogImage = 'edgeplane/catalog:0.1.0';
