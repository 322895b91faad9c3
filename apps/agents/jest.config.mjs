import { projectConfig } from '../../jest.preset.mjs';

export default projectConfig('agents', { services: true });
