// flags: --throw -i 2
import http from 'k6/http';
export default () => { http.get('http://127.0.0.1:1'); };
