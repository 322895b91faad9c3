import { projectConfig } from '../../jest.preset.mjs';

export default projectConfig('launch', { services: true });
