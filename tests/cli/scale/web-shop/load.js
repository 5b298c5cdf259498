import http from "k6/http";

export const options = {
  scenarios: {
    sale: {
      executor: "ramping-arrival-rate",
      startRate: 50,
      preAllocatedVUs: 50,
      stages: [
        { duration: "2m", target: 50 },
        { duration: "10m", target: 200 },
      ],
    },
    soak: { executor: "constant-vus", vus: 5, duration: "12m" },
  },
};

export default function () {
  http.get("http://web.shop/");
}
