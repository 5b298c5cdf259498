import http from 'k6/http';
http.setResponseCallback(http.expectedStatuses(200, { min: 400, max: 404 }));
export default () => {
  const at = __ENV.AT;
  for (const status of [200, 204, 404, 500]) http.get(`${at}/status/${status}`);
  http.get(`${at}/status/500`, { responseCallback: http.expectedStatuses(500) });
  http.get(`${at}/status/500`, { responseCallback: null });
  for (const bad of [() => http.expectedStatuses('x'), () => http.expectedStatuses({ min: 1 }), () => http.setResponseCallback(5)]) {
    try {
      console.log(typeof bad());
    } catch (error) {
      console.log('threw');
    }
  }
};
