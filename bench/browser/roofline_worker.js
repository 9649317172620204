/** The plain loops of roofline.cpp for some time. */
self.onmessage = async ({ data: { build, seconds } }) => {
  const { default: factory } = await import(`/repository/build/browser-bench/${build}.mjs`);
  const { _int8_products } = await factory();
  _int8_products(1e6);
  let operations = 0;
  const begin = performance.now();
  while (performance.now() - begin < seconds * 1000) operations += _int8_products(1e6);
  postMessage({ operations: (1000 * operations) / (performance.now() - begin) });
};
